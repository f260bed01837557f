import { OperatingError } from '../../base/errors.ts'
import { kernelBytes } from './kernel-bytes.ts'
import { relaxedKernelBytes } from './relaxed-kernel-bytes.ts'
import { compileModule, instantiateModule, type WasmMemory, type WasmModule } from './web-assembly.ts'

/** What the kernel module exports; every argument is an address or a number of rows. */
export interface KernelExports {
  step(plan: number, tile: number, from: number, to: number): void
  run(plan: number, tile: number, job: number, count: number): void
  serve(plan: number, tile: number, job: number, spins: number): void
}

const compiled = new Map<string, WasmModule>()

/** The module, compiled once. Errors: `OperatingError('model')` where this Node has no SIMD, threads or, for `relaxed`, relaxed SIMD. */
export function kernelModule(relaxed: boolean): WasmModule {
  const base64 = relaxed ? relaxedKernelBytes : kernelBytes
  let module = compiled.get(base64)
  if (module === undefined) {
    module = compileOrRefuse(
      Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0)),
      relaxed,
    )
    compiled.set(base64, module)
  }
  return module
}

function compileOrRefuse(bytes: Uint8Array, relaxed: boolean): WasmModule {
  try {
    return compileModule(bytes)
  } catch (cause) {
    const lack = relaxed
      ? 'the kernel wasm-relaxed needs relaxed SIMD, which this Node does not have: use Node ≥ 22, or the kernel wasm'
      : 'the kernel wasm needs WebAssembly with SIMD and threads, which this Node does not have: use the kernel reference'
    throw new OperatingError('model', lack, { cause })
  }
}

/** An instance over a memory. */
export function instantiate(module: WasmModule, memory: WasmMemory): KernelExports {
  return instantiateModule(module, memory) as unknown as KernelExports
}
