import { OperatingError } from '../base/errors.ts'
import type { Kernel, Windows } from './kernel.ts'
import { createReferenceKernel } from './kernel-reference.ts'
import type { Model } from './model.ts'
import { createReferenceWindows } from './reference-windows.ts'

/** Kernels by name: `reference` is plain TypeScript and defines what is right. */
export type KernelName = 'reference' | 'wasm'

/** Which kernel runs a model, and how. */
export interface KernelOptions {
  readonly kernel?: KernelName
  /** false: bad numbers are computed as they are, as in windows. Default true. */
  readonly guarded?: boolean
}

/**
 * The kernel that steps the rows of a model.
 *
 * Errors: `OperatingError('model')` for a model that needs whole windows, or a kernel that is not built.
 */
export function createKernel(model: Model, slots: number, options: KernelOptions = {}): Kernel {
  requireBuilt(options.kernel)
  return createReferenceKernel(model, slots, options)
}

/** What runs whole sequences through a model. */
export function createWindows(model: Model, options: KernelOptions = {}): Windows {
  requireBuilt(options.kernel)
  return createReferenceWindows(model)
}

function requireBuilt(kernel: KernelName | undefined): void {
  if (kernel !== undefined && kernel !== 'reference') {
    throw new OperatingError('model', `the kernel "${kernel}" is not built; "reference" is`)
  }
}
