import type { KernelName } from '../../src/model/create-kernel.ts'

/** Every kernel that computes models: the same cases run for each of them, by name. */
export const kernelNames: readonly KernelName[] = ['reference', 'wasm']
