import { assert } from '../base/assert.ts'
import { createKernel, createWindows, type KernelName, type KernelOptions } from './create-kernel.ts'
import { inputWidth, outputWidth } from './graph.ts'
import type { HiddenState } from './hidden-state.ts'
import type { Model } from './model.ts'
import { readHidden, writeHidden } from './state-rows.ts'

/** Shape of `x` and of the output, and the state to start from (zeros when absent). */
export interface ForwardOptions {
  readonly batch: number
  readonly ticks: number
  /** true (default): x is (B,T,I); false: (T,B,I). */
  readonly batchFirst?: boolean
  readonly state?: HiddenState
  readonly kernel?: KernelName
}

/** What `forward` gives: output (B,T,O) alike x, or (B,O) where the model ends in one vector. */
export interface ForwardResult {
  readonly output: Float32Array
  readonly state: HiddenState
}

/** How a stream is opened. */
export interface StreamOptions {
  readonly slots: number
  readonly kernel?: KernelName
  /** Threads that step together with the caller's; see `KernelOptions`. The bits are the same with any number. */
  readonly workers?: KernelOptions['workers']
}

/** One hidden state a slot, stepped one reading at a time. */
export interface Stream {
  /**
   * rows (B) distinct slots, x (B,I) → y (B,O), a new array.
   *
   * An input is missing where it is NaN or infinite, or where `mask` (B,I) is 0: it contributes nothing. A row without
   * any input keeps its state and gives the output of its last state again.
   * Errors: assertion on a wrong shape, a slot outside the stream, or one that comes twice.
   */
  step(rows: Int32Array, x: Float32Array, options?: { readonly mask?: Uint8Array }): Float32Array
  /** The slot's state as bytes. */
  snapshot(row: number): Uint8Array
  /** Errors: assertion on another length. */
  restore(row: number, bytes: Uint8Array): void
  /** The recurrent states of slots in PyTorch's layout; the ring of an attention is only in `snapshot`. */
  hidden(rows: ArrayLike<number>): HiddenState
  /** Sets the recurrent states of slots, for instance to those that `forward` left. Errors: assertion on a wrong size. */
  setHidden(rows: ArrayLike<number>, state: HiddenState): void
  /** Ends the worker threads; the stream is not stepped afterwards. */
  close(): void
}

/**
 * Opens a stream with zero states. Allocates the states of all slots at once.
 *
 * Errors: `OperatingError('model')` for a model that needs whole windows, naming the module and why.
 */
export function openStream(model: Model, options: StreamOptions): Stream {
  const { slots } = options
  const kernel = createKernel(model, slots, options)
  const bytes = kernel.stateSize * 4
  const distinct = new DistinctSlots(slots)
  const view = (row: number): Uint8Array => {
    assert(row >= 0 && row < slots, `row ${row} is outside the ${slots} slots`)
    return new Uint8Array(kernel.state.buffer, kernel.state.byteOffset + row * bytes, bytes)
  }
  return {
    step(rows, x, { mask } = {}) {
      const wanted = rows.length * kernel.inputSize
      assert(x.length === wanted, `x must be (${rows.length}, ${kernel.inputSize})`)
      assert(mask === undefined || mask.length === wanted, `mask must be (${rows.length}, ${kernel.inputSize})`)
      distinct.check(rows)
      const y = new Float32Array(rows.length * kernel.outputSize)
      kernel.step(rows, rows.length, mask === undefined ? x : masked(x, mask), y)
      return y
    },
    snapshot: (row) => view(row).slice(),
    restore(row, from) {
      assert(from.length === bytes, `a snapshot has ${bytes} bytes, not ${from.length}`)
      view(row).set(from)
    },
    hidden(rows) {
      distinct.check(rows)
      return readHidden(kernel, model.graph, rows)
    },
    setHidden(rows, state) {
      distinct.check(rows)
      writeHidden(kernel, model.graph, rows, state)
    },
    close: () => kernel.close(),
  }
}

/** Looks whether slots are in range and come once: two steps of one row in one batch would overwrite each other. */
class DistinctSlots {
  readonly #seen: Uint8Array

  constructor(slots: number) {
    this.#seen = new Uint8Array(slots)
  }

  check(rows: ArrayLike<number>): void {
    const seen = this.#seen
    let marked = 0
    while (marked < rows.length && seen[rows[marked]!] === 0) seen[rows[marked++]!] = 1
    for (let at = 0; at < marked; at++) seen[rows[at]!] = 0
    if (marked === rows.length) return
    const row = rows[marked]!
    assert(seen[row] !== undefined, `row ${row} is outside the ${seen.length} slots`)
    assert(false, `row ${row} comes twice in one step: the rows of a step are distinct`)
  }
}

function masked(x: Float32Array, mask: Uint8Array): Float32Array {
  return x.map((value, at) => (mask[at] === 0 ? Number.NaN : value))
}

/**
 * Runs a batch of sequences through a model.
 *
 * Errors: assertion on a shape mismatch; a NaN makes its own sequence NaN from there on, no other.
 */
export function forward(model: Model, x: Float32Array, options: ForwardOptions): ForwardResult {
  const { batch, ticks, batchFirst = true } = options
  const inputs = inputWidth(model.graph)
  assert(x.length === batch * ticks * inputs, `x must hold ${batch} × ${ticks} × ${inputs} values, not ${x.length}`)
  const windows = createWindows(model, options)
  const result = windows(batchFirst ? x : exchanged(x, ticks, batch, inputs), batch, ticks, options.state)
  const { output, state } = result
  return { output: batchFirst ? output : exchanged(output, batch, result.ticks, outputWidth(model.graph)), state }
}

/** (M,N,width) as (N,M,width): the two outer dimensions exchanged. */
function exchanged(from: Float32Array, m: number, n: number, width: number): Float32Array {
  const to = new Float32Array(from.length)
  for (let row = 0; row < m; row++) {
    for (let column = 0; column < n; column++) {
      for (let j = 0; j < width; j++) to[(column * m + row) * width + j] = from[(row * n + column) * width + j]!
    }
  }
  return to
}
