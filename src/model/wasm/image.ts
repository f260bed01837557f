import { assert } from '../../base/assert.ts'
import type { WasmMemory } from './web-assembly.ts'

/** Below this address the module keeps its own constants. */
const firstFree = 4096

/** Cache lines and rows of states begin here. */
const lineBytes = 64

/**
 * What a memory will hold, laid out before the memory exists: its size is known first, then it is made and filled.
 *
 * Addresses are bytes. Nothing is ever freed: a model's memory lives and dies as a whole.
 */
export class MemoryImage {
  #end = firstFree
  readonly #parts: { readonly at: number; readonly data: Float32Array | Int32Array }[] = []

  /** Bytes up to the end of what was placed. */
  get bytes(): number {
    return this.#end
  }

  /** Room for `bytes`, at the beginning of a cache line; zeros. */
  reserve(bytes: number): number {
    const at = Math.ceil(this.#end / lineBytes) * lineBytes
    this.#end = at + bytes
    return at
  }

  /** Room for `data`, which `write` will copy there; it may still change until then. */
  place(data: Float32Array | Int32Array): number {
    const at = this.reserve(data.byteLength)
    this.#parts.push({ at, data })
    return at
  }

  /** Copies everything that was placed. */
  write(memory: WasmMemory): void {
    const bytes = new Uint8Array(memory.buffer)
    assert(bytes.length >= this.#end, 'the memory is smaller than its image')
    for (const { at, data } of this.#parts) bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at)
  }
}
