import { OperatingError } from '../base/errors.ts'
import type { Kernel, Windows } from './kernel.ts'
import { createReferenceKernel } from './kernel-reference.ts'
import { createWasmKernel, runsOnWasm, type WasmOptions } from './kernel-wasm.ts'
import type { Model } from './model.ts'
import { createReferenceWindows } from './reference/windows.ts'
import { createSteppedWindows } from './stepped-windows.ts'
import { isStreamable } from './streamable.ts'
import { createWholeWindows } from './whole-windows.ts'

/** The kernels, by the names that options take. */
export const kernelNames = ['wasm', 'reference', 'wasm-relaxed'] as const

/**
 * Kernels by name: `wasm` is the fast one, `reference` is plain TypeScript and defines what is right.
 *
 * `wasm-relaxed` lets the machine fuse multiply and add: its results are not bit-reproducible across machines, and it needs Node ≥ 22.
 */
export type KernelName = (typeof kernelNames)[number]

/** Which kernel runs a model, and how. */
export interface KernelOptions extends WasmOptions {
  /** Default `wasm`. What no WASM kernel computes, the reference does, whatever the name; `Kernel.name` tells. */
  readonly kernel?: KernelName
}

/**
 * The kernel that steps the rows of a model.
 *
 * Errors: `OperatingError('model')` for a model that needs whole windows, more memory than there is, or SIMD that this Node lacks.
 */
export function createKernel(model: Model, slots: number, options: KernelOptions = {}): Kernel {
  if (!isWasm(model, options)) return createReferenceKernel(model, slots, options)
  return createWasmKernel(model, slots, wasmOptions(options))
}

/** What runs whole sequences through a model: tick by tick where it could be streamed, else node after node. */
export function createWindows(model: Model, options: KernelOptions = {}): Windows {
  if (!isWasm(model, options)) return createReferenceWindows(model)
  if (!isStreamable(model)) return createWholeWindows(model)
  return createSteppedWindows(model, (rows) =>
    createWasmKernel(model, rows, { ...wasmOptions(options), guarded: false }),
  )
}

function wasmOptions(options: KernelOptions): WasmOptions {
  return { ...options, relaxed: options.relaxed === true || options.kernel === 'wasm-relaxed' }
}

function isWasm(model: Model, options: KernelOptions): boolean {
  if (options.kernel !== undefined && !kernelNames.includes(options.kernel)) {
    throw new OperatingError('model', `there is no kernel "${options.kernel}"; there are ${kernelNames.join(', ')}`)
  }
  return options.kernel !== 'reference' && runsOnWasm(model)
}
