import { assert } from '../base/assert.ts'
import type { Kernel } from './kernel.ts'
import { createReferenceKernel } from './kernel-reference.ts'
import type { Model } from './model.ts'

/** Hidden state as PyTorch lays it out: h, and c for LSTM, (layers, B, H). */
export interface HiddenState {
  readonly h: Float32Array
  readonly c?: Float32Array
}

/** Shape of `x` and of the output, and the state to start from (zeros when absent). */
export interface ForwardOptions {
  readonly batch: number
  readonly ticks: number
  /** true (default): x is (B,T,I); false: (T,B,I). */
  readonly batchFirst?: boolean
  readonly state?: HiddenState
}

/** What `forward` gives: output (B,T,O) alike x, or (B,O) where the head reads only the last step. */
export interface ForwardResult {
  readonly output: Float32Array
  readonly state: HiddenState
}

/** One hidden state a slot, stepped one reading at a time. */
export interface Stream {
  /** rows (B) distinct slots, x (B,I) → y (B,O), a new array. */
  step(rows: Int32Array, x: Float32Array): Float32Array
  /** The slot's state as bytes. */
  snapshot(row: number): Uint8Array
  /** Errors: assertion on another length. */
  restore(row: number, bytes: Uint8Array): void
}

/** Opens a stream with zero states. Allocates the states of all slots at once. */
export function openStream(model: Model, options: { readonly slots: number }): Stream {
  const kernel = createReferenceKernel(model, options.slots)
  const bytes = kernel.stateSize * 4
  const view = (row: number): Uint8Array => {
    assert(row >= 0 && row < options.slots, `row ${row} is outside the ${options.slots} slots`)
    return new Uint8Array(kernel.state.buffer, row * bytes, bytes)
  }
  return {
    step(rows, x) {
      assert(x.length === rows.length * kernel.inputSize, `x must be (${rows.length}, ${kernel.inputSize})`)
      const y = new Float32Array(rows.length * kernel.outputSize)
      kernel.step(rows, rows.length, x, y)
      return y
    },
    snapshot: (row) => view(row).slice(),
    restore(row, from) {
      assert(from.length === bytes, `a snapshot has ${bytes} bytes, not ${from.length}`)
      view(row).set(from)
    },
  }
}

/**
 * Runs a batch of sequences through a model.
 *
 * Errors: assertion on a shape mismatch; a NaN makes its own sequence NaN from there on, no other.
 */
export function forward(model: Model, x: Float32Array, options: ForwardOptions): ForwardResult {
  const { batch, ticks, batchFirst = true } = options
  const kernel = createReferenceKernel(model, batch)
  const { inputSize: inputs, outputSize: outputs } = kernel
  assert(x.length === batch * ticks * inputs, `x must hold ${batch} × ${ticks} × ${inputs} values, not ${x.length}`)
  if (options.state !== undefined) readState(model, kernel, batch, options.state)
  const last = model.architecture.head?.on === 'last'
  const output = new Float32Array(last ? batch * outputs : batch * ticks * outputs)
  const rows = Int32Array.from({ length: batch }, (_, b) => b)
  const xt = new Float32Array(batch * inputs)
  const yt = new Float32Array(batch * outputs)
  for (let t = 0; t < ticks; t++) {
    for (let b = 0; b < batch; b++) {
      const from = (batchFirst ? b * ticks + t : t * batch + b) * inputs
      for (let i = 0; i < inputs; i++) xt[b * inputs + i] = x[from + i]!
    }
    kernel.step(rows, batch, xt, yt)
    if (last && t < ticks - 1) continue
    for (let b = 0; b < batch; b++) {
      const to = (last ? b : batchFirst ? b * ticks + t : t * batch + b) * outputs
      for (let o = 0; o < outputs; o++) output[to + o] = yt[b * outputs + o]!
    }
  }
  return { output, state: writeState(model, kernel, batch) }
}

function eachState(
  model: Model,
  batch: number,
  visit: (kernelAt: number, torchAt: number, cell: boolean) => void,
): void {
  const { type, layers, hiddenSize: n } = model.architecture.recurrent
  const layerSize = type === 'GRU' ? n : 2 * n
  for (let layer = 0; layer < layers; layer++) {
    for (let b = 0; b < batch; b++) {
      const from = b * layers * layerSize + layer * layerSize
      const to = (layer * batch + b) * n
      for (let j = 0; j < n; j++) {
        visit(from + j, to + j, false)
        if (type === 'LSTM') visit(from + n + j, to + j, true)
      }
    }
  }
}

function readState(model: Model, kernel: Kernel, batch: number, state: HiddenState): void {
  const { type, layers, hiddenSize } = model.architecture.recurrent
  const size = layers * batch * hiddenSize
  assert(state.h.length === size, `state.h must hold ${size} values`)
  assert(type === 'GRU' || state.c?.length === size, `state.c must hold ${size} values`)
  eachState(model, batch, (kernelAt, torchAt, cell) => {
    kernel.state[kernelAt] = (cell ? state.c! : state.h)[torchAt]!
  })
}

function writeState(model: Model, kernel: Kernel, batch: number): HiddenState {
  const { type, layers, hiddenSize } = model.architecture.recurrent
  const h = new Float32Array(layers * batch * hiddenSize)
  const c = new Float32Array(type === 'LSTM' ? h.length : 0)
  eachState(model, batch, (kernelAt, torchAt, cell) => {
    ;(cell ? c : h)[torchAt] = kernel.state[kernelAt]!
  })
  return type === 'LSTM' ? { h, c } : { h }
}
