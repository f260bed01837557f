/** Shared linear memory. */
export interface WasmMemory {
  readonly buffer: SharedArrayBuffer
}

/** A compiled module; it can be posted to a worker. */
export type WasmModule = object

/** The part of the platform's `WebAssembly` that is used here: TypeScript types it only together with the whole of a browser. */
interface Platform {
  readonly Memory: new (size: { initial: number; maximum: number; shared: true }) => WasmMemory
  readonly Module: new (bytes: Uint8Array) => WasmModule
  readonly Instance: new (
    module: WasmModule,
    imports: { env: { memory: WasmMemory } },
  ) => { readonly exports: Readonly<Record<string, unknown>> }
}

const platform = (globalThis as unknown as { WebAssembly: Platform }).WebAssembly

/** Memory of a fixed size in pages of 64 KiB. Errors: RangeError where the machine does not give it. */
export function createMemory(pages: number): WasmMemory {
  return new platform.Memory({ initial: pages, maximum: pages, shared: true })
}

/** Compiles, synchronously. Errors: the engine's own where it lacks a feature of the module. */
export function compileModule(bytes: Uint8Array): WasmModule {
  return new platform.Module(bytes)
}

/** An instance over a memory. */
export function instantiateModule(module: WasmModule, memory: WasmMemory): Readonly<Record<string, unknown>> {
  return new platform.Instance(module, { env: { memory } }).exports
}
