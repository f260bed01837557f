import { sigmoid, tanh } from '../base/math.ts'
import type { Architecture } from './architecture.ts'
import type { Tensor } from './tensor.ts'

/** Weights of one recurrent layer; row-major, gates in PyTorch's order (GRU r, z, n; LSTM i, f, g, o). */
export interface LayerWeights {
  readonly inputs: number
  readonly hidden: number
  /** (G·H, I) */
  readonly wIn: Float32Array
  /** (G·H, H) */
  readonly wHidden: Float32Array
  /** (G·H), zeros without bias. */
  readonly bIn: Float32Array
  readonly bHidden: Float32Array
}

/** The layers' weights out of a state dict; shapes were checked when the model was made. */
export function layerWeights(architecture: Architecture, tensors: ReadonlyMap<string, Tensor>): LayerWeights[] {
  const { recurrent } = architecture
  const prefix = recurrent.name === '' ? '' : `${recurrent.name}.`
  const rows = (recurrent.type === 'GRU' ? 3 : 4) * recurrent.hiddenSize
  const take = (name: string): Float32Array => tensors.get(prefix + name)?.data ?? new Float32Array(rows)
  return Array.from({ length: recurrent.layers }, (_, layer) => ({
    inputs: layer === 0 ? recurrent.inputSize : recurrent.hiddenSize,
    hidden: recurrent.hiddenSize,
    wIn: take(`weight_ih_l${layer}`),
    wHidden: take(`weight_hh_l${layer}`),
    bIn: take(`bias_ih_l${layer}`),
    bHidden: take(`bias_hh_l${layer}`),
  }))
}

/**
 * y = b + W·x for one row: the plain sum, in order.
 *
 * Shapes: w (M,N) row-major, b (M), x (N) at `xAt`, y (M). Sums in float64.
 */
export function affine(
  w: Float32Array,
  b: Float32Array,
  x: Float32Array,
  xAt: number,
  n: number,
  y: Float64Array,
): void {
  const m = b.length
  for (let row = 0; row < m; row++) {
    let sum = b[row]!
    const at = row * n
    for (let k = 0; k < n; k++) sum += w[at + k]! * x[xAt + k]!
    y[row] = sum
  }
}

/** Room for the two affine products of a cell: (G·H) each. */
export interface CellScratch {
  readonly fromInput: Float64Array
  readonly fromHidden: Float64Array
}

/**
 * One step of a GRU cell on one row.
 *
 * r = σ(W_ir x + b_ir + W_hr h + b_hr), z alike, n = tanh(W_in x + b_in + r·(W_hn h + b_hn)), h' = (1−z)·n + z·h.
 * Shapes: x (I) at xAt, h (H) at hAt, in and out.
 * Source: PyTorch's nn.GRU: reset after the product, gates r, z, n.
 */
export function gruCell(
  w: LayerWeights,
  x: Float32Array,
  xAt: number,
  h: Float32Array,
  hAt: number,
  scratch: CellScratch,
): void {
  const { fromInput: a, fromHidden: u } = scratch
  const n = w.hidden
  affine(w.wIn, w.bIn, x, xAt, w.inputs, a)
  affine(w.wHidden, w.bHidden, h, hAt, n, u)
  for (let j = 0; j < n; j++) {
    const r = sigmoid(a[j]! + u[j]!)
    const z = sigmoid(a[n + j]! + u[n + j]!)
    const c = tanh(a[2 * n + j]! + r * u[2 * n + j]!)
    h[hAt + j] = (1 - z) * c + z * h[hAt + j]!
  }
}

/**
 * One step of an LSTM cell on one row.
 *
 * c' = σ(f)·c + σ(i)·tanh(g), h' = σ(o)·tanh(c').
 * Shapes: x (I) at xAt, state at hAt: h (H), then c (H), in and out.
 * Source: PyTorch's nn.LSTM: gates i, f, g, o.
 */
export function lstmCell(
  w: LayerWeights,
  x: Float32Array,
  xAt: number,
  state: Float32Array,
  hAt: number,
  scratch: CellScratch,
): void {
  const { fromInput: a, fromHidden: u } = scratch
  const n = w.hidden
  const cAt = hAt + n
  affine(w.wIn, w.bIn, x, xAt, w.inputs, a)
  affine(w.wHidden, w.bHidden, state, hAt, n, u)
  for (let j = 0; j < n; j++) {
    const i = sigmoid(a[j]! + u[j]!)
    const f = sigmoid(a[n + j]! + u[n + j]!)
    const g = tanh(a[2 * n + j]! + u[2 * n + j]!)
    const o = sigmoid(a[3 * n + j]! + u[3 * n + j]!)
    const c = f * state[cAt + j]! + i * g
    state[cAt + j] = c
    state[hAt + j] = o * tanh(c)
  }
}
