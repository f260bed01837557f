import type { Kernel, Windows } from './kernel.ts'
import { createReferenceKernel } from './kernel-reference.ts'
import { createWasmKernel, runsOnWasm, type WasmOptions } from './kernel-wasm.ts'
import type { Model } from './model.ts'
import { createReferenceWindows } from './reference-windows.ts'
import { isStreamable } from './streamable.ts'
import { createSteppedWindows } from './wasm-windows.ts'

/** Kernels by name: `wasm` is the fast one, `reference` is plain TypeScript and defines what is right. */
export type KernelName = 'reference' | 'wasm'

/** Which kernel runs a model, and how. */
export interface KernelOptions extends WasmOptions {
  /** Default: `wasm` where it computes the model, else `reference`. */
  readonly kernel?: KernelName
}

/**
 * The kernel that steps the rows of a model.
 *
 * Errors: `OperatingError('model')` for a model that needs whole windows, or more memory than there is.
 */
export function createKernel(model: Model, slots: number, options: KernelOptions = {}): Kernel {
  return isWasm(model, options) ? createWasmKernel(model, slots, options) : createReferenceKernel(model, slots, options)
}

/** What runs whole sequences through a model: tick by tick where it could be streamed, else the reference. */
export function createWindows(model: Model, options: KernelOptions = {}): Windows {
  if (!isWasm(model, options) || !isStreamable(model)) return createReferenceWindows(model)
  return createSteppedWindows(model, (rows) => createWasmKernel(model, rows, { ...options, guarded: false }))
}

function isWasm(model: Model, options: KernelOptions): boolean {
  return options.kernel !== 'reference' && runsOnWasm(model)
}
