import { assert } from '../base/assert.ts'
import { joinBytes } from '../base/bytes.ts'
import { rowWidth } from './columns.ts'
import { tableBytes } from './novelty/layout.ts'

/** Where the networks keep the states of the slots. */
export interface HiddenStates {
  /** The largest number of values that any of them forecasts. */
  readonly horizonsMost: number
  /** The largest number of inputs that any of them takes. */
  readonly inputsMost: number
  /** The network of most slots: it has a row for each. */
  readonly kernel: { readonly state: Float32Array; readonly stateSize: number }
  /** Bytes of a slot's hidden state, where they lie; how many is the slot's own network's. */
  stateBytes(slot: number): Uint8Array
}

/** Ticks that are kept of what a network saw, so that an alarm can say what it was expected from. */
export const traceTicks = 32

/**
 * All per-sensor state: one row of float64 columns, the last predictions, what the network saw lately, recipe U's tables, and the hidden state.
 *
 * The columns of a sensor lie side by side (slot-major): a reading touches some fifty of them, and at 50,000 sensors
 * fifty separate arrays would be fifty cache misses where a row is a few. A checkpoint copies five runs of bytes.
 * Shapes:    f (S, rowWidth); forecasts (S, horizons × horizons), a ring of head outputs; traces (S, 1 + ticks × inputs), the number
 *            of ticks seen (it wraps above `traceTicks`) and a ring of inputs; hidden states as their networks keep them.
 * Allocates: everything at construction; pages of slots never used stay untouched.
 */
export class Arena {
  readonly f: Float64Array
  readonly forecasts: Float32Array
  readonly forecastWidth: number
  readonly traces: Float32Array
  readonly traceWidth: number
  /** Tables of recipe U, `tableBytes` a slot. */
  readonly tables: ArrayBuffer
  readonly bytesPerSensor: number
  readonly allocatedBytes: number
  readonly #capacity: number
  readonly #states: HiddenStates
  readonly #isDirty: Uint8Array
  readonly #dirty: number[] = []

  constructor(capacity: number, states: HiddenStates) {
    assert(
      new Uint8Array(new Uint16Array([1]).buffer)[0] === 1,
      'snapshots are little-endian and so must be the machine',
    )
    const { kernel, horizonsMost, inputsMost } = states
    assert(kernel.state.length === capacity * kernel.stateSize, 'the kernel has another number of slots')
    this.#capacity = capacity
    this.#states = states
    this.forecastWidth = horizonsMost * horizonsMost
    this.f = new Float64Array(capacity * rowWidth)
    this.forecasts = new Float32Array(capacity * this.forecastWidth)
    this.#isDirty = new Uint8Array(capacity)
    this.traceWidth = 1 + traceTicks * inputsMost
    this.traces = new Float32Array(capacity * this.traceWidth)
    this.tables = new ArrayBuffer(capacity * tableBytes)
    this.bytesPerSensor = rowWidth * 8 + tableBytes + (this.forecastWidth + this.traceWidth + kernel.stateSize) * 4
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

  /** Bytes of a snapshot of the slot. */
  snapshotBytes(slot: number): number {
    return this.#runs(slot).reduce((sum, run) => sum + run.length, 0)
  }

  snapshot(slot: number): Uint8Array {
    return joinBytes(this.#runs(slot))
  }

  restore(slot: number, bytes: Uint8Array): void {
    const runs = this.#runs(slot)
    const wanted = this.snapshotBytes(slot)
    assert(bytes.length === wanted, `a snapshot has ${wanted} bytes, not ${bytes.length}`)
    let at = 0
    for (const run of runs) {
      run.set(bytes.subarray(at, at + run.length))
      at += run.length
    }
  }

  clear(slot: number): void {
    for (const run of this.#runs(slot)) run.fill(0)
  }

  #runs(slot: number): readonly Uint8Array[] {
    assert(slot >= 0 && slot < this.#capacity, `slot ${slot} is outside the arena`)
    return [
      new Uint8Array(this.f.buffer, slot * rowWidth * 8, rowWidth * 8),
      new Uint8Array(this.forecasts.buffer, slot * this.forecastWidth * 4, this.forecastWidth * 4),
      new Uint8Array(this.traces.buffer, slot * this.traceWidth * 4, this.traceWidth * 4),
      new Uint8Array(this.tables, slot * tableBytes, tableBytes),
      this.#states.stateBytes(slot),
    ]
  }
}
