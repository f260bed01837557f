import { assert } from '../base/assert.ts'
import type { Kernel } from '../model/kernel.ts'
import { rowWidth } from './columns.ts'

/**
 * All per-sensor state: one row of float64 columns, the last predictions, and the kernel's hidden state.
 *
 * The columns of a sensor lie side by side (slot-major): a reading touches some fifty of them, and at 50,000 sensors
 * fifty separate arrays would be fifty cache misses where a row is a few. A checkpoint copies three runs of bytes.
 * Shapes:    f (S, rowWidth); forecasts (S, horizons × horizons), a ring of head outputs; kernel.state (S, stateSize).
 * Allocates: everything at construction; pages of slots never used stay untouched.
 */
export class Arena {
  readonly f: Float64Array
  readonly forecasts: Float32Array
  readonly forecastWidth: number
  readonly bytesPerSensor: number
  readonly allocatedBytes: number
  readonly #capacity: number
  readonly #kernel: Kernel
  readonly #isDirty: Uint8Array
  readonly #dirty: number[] = []

  constructor(capacity: number, horizons: number, kernel: Kernel) {
    assert(
      new Uint8Array(new Uint16Array([1]).buffer)[0] === 1,
      'snapshots are little-endian and so must be the machine',
    )
    assert(kernel.state.length === capacity * kernel.stateSize, 'the kernel has another number of slots')
    this.#capacity = capacity
    this.#kernel = kernel
    this.forecastWidth = horizons * horizons
    this.f = new Float64Array(capacity * rowWidth)
    this.forecasts = new Float32Array(capacity * this.forecastWidth)
    this.#isDirty = new Uint8Array(capacity)
    this.bytesPerSensor = rowWidth * 8 + this.forecastWidth * 4 + kernel.stateSize * 4
    this.allocatedBytes = capacity * (this.bytesPerSensor + 1)
  }

  touch(slot: number): void {
    if (this.#isDirty[slot] === 1) return
    this.#isDirty[slot] = 1
    this.#dirty.push(slot)
  }

  dirtySlots(): readonly number[] {
    return this.#dirty
  }

  clearDirty(): void {
    for (const slot of this.#dirty) this.#isDirty[slot] = 0
    this.#dirty.length = 0
  }

  snapshot(slot: number): Uint8Array {
    const out = new Uint8Array(this.bytesPerSensor)
    let at = 0
    for (const run of this.#runs(slot)) {
      out.set(run, at)
      at += run.length
    }
    return out
  }

  restore(slot: number, bytes: Uint8Array): void {
    assert(bytes.length === this.bytesPerSensor, `a snapshot has ${this.bytesPerSensor} bytes, not ${bytes.length}`)
    let at = 0
    for (const run of this.#runs(slot)) {
      run.set(bytes.subarray(at, at + run.length))
      at += run.length
    }
  }

  clear(slot: number): void {
    for (const run of this.#runs(slot)) run.fill(0)
  }

  #runs(slot: number): readonly Uint8Array[] {
    assert(slot >= 0 && slot < this.#capacity, `slot ${slot} is outside the arena`)
    const state = this.#kernel.state
    const stateBytes = this.#kernel.stateSize * 4
    return [
      new Uint8Array(this.f.buffer, slot * rowWidth * 8, rowWidth * 8),
      new Uint8Array(this.forecasts.buffer, slot * this.forecastWidth * 4, this.forecastWidth * 4),
      new Uint8Array(state.buffer, state.byteOffset + slot * stateBytes, stateBytes),
    ]
  }
}
