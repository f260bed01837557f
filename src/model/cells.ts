import { sigmoid, tanh } from '../base/math.ts'
import { type Elementwise, elementwise } from './activation.ts'
import { gateCount, type RecurrentNode } from './graph.ts'
import type { Tensor } from './tensor.ts'

/** Numbers of a reference computation: float32, or float64 to measure against. */
export type Floats = Float32Array | Float64Array

/** Weights of one recurrent layer; row-major, gates in PyTorch's order (GRU r, z, n; LSTM i, f, g, o). */
export interface CellWeights {
  readonly inputs: number
  readonly hidden: number
  /** Entries of h: P with a projection, else H. */
  readonly outputs: number
  /** (G·H, I) */
  readonly wIn: Float32Array
  /** (G·H, P or H) */
  readonly wHidden: Float32Array
  /** (G·H), zeros without bias. */
  readonly bIn: Float32Array
  readonly bHidden: Float32Array
  /** (P, H) */
  readonly wProjection: Float32Array | null
  readonly gate: Elementwise
  readonly activate: Elementwise
}

/** What an activation of a cell becomes: itself, or limited in a guarded step. */
export type Limiting = (compute: Elementwise) => Elementwise

/** A node's weights out of a state dict; shapes were checked when the model was made. */
export function cellWeights(
  node: RecurrentNode,
  inputs: number,
  tensors: ReadonlyMap<string, Tensor>,
  limiting: Limiting = (compute) => compute,
): CellWeights {
  const { gateActivation, cellActivation } = node
  const rows = gateCount(node.cell) * node.hidden
  const named = (name: string | null): Float32Array =>
    (name === null ? undefined : tensors.get(name)?.data) ?? new Float32Array(rows)
  const custom = (name: RecurrentNode['cellActivation'], usual: Elementwise): Elementwise =>
    name === null || name === 'softmax' ? usual : limiting(elementwise[name])
  return {
    inputs,
    hidden: node.hidden,
    outputs: node.width,
    wIn: named(node.wIn),
    wHidden: named(node.wHidden),
    bIn: named(node.bIn),
    bHidden: named(node.bHidden),
    wProjection: node.wProjection === null ? null : named(node.wProjection),
    gate: custom(gateActivation, sigmoid),
    activate: custom(cellActivation, node.cell === 'rnn_relu' ? limiting(elementwise.relu) : tanh),
  }
}

/**
 * y = b + W·x for one row: the plain sum, in order.
 *
 * Shapes: w (M,N) row-major, b (M), x (N) at `xAt`, y (M) at `yAt`; only the rows `from` … `to` − 1 where they are given.
 * Sums in float64. Aliasing: y may not overlap x.
 */
export function affine(
  w: Float32Array,
  b: Float32Array,
  x: Floats,
  xAt: number,
  n: number,
  y: Floats,
  yAt = 0,
  from = 0,
  to = b.length,
): void {
  for (let row = from; row < to; row++) {
    let sum = b[row]!
    const at = row * n
    for (let k = 0; k < n; k++) sum += w[at + k]! * x[xAt + k]!
    y[yAt + row] = sum
  }
}

/** Room for the affine products of a cell: (G·H) each, and (H) for what goes into a further product. */
export interface CellScratch {
  readonly fromInput: Float64Array
  readonly fromHidden: Float64Array
  readonly between: Float64Array
}

/** Room for one step of a node's cell. */
export function cellScratch(node: RecurrentNode): CellScratch {
  const rows = gateCount(node.cell) * node.hidden
  return {
    fromInput: new Float64Array(rows),
    fromHidden: new Float64Array(rows),
    between: new Float64Array(node.hidden),
  }
}

/**
 * One step of a cell on one row.
 *
 * Shapes: x (I) at xAt; h (P or H) at hAt and, for LSTM, c (H) at cAt, in and out. Other cells do not touch c.
 */
export type CellStep = (
  w: CellWeights,
  x: Floats,
  xAt: number,
  h: Floats,
  hAt: number,
  c: Floats,
  cAt: number,
  scratch: CellScratch,
) => void

/** The step of each kind of cell. */
export const cellSteps: Readonly<Record<RecurrentNode['cell'], CellStep>> = {
  rnn_tanh: rnnCell,
  rnn_relu: rnnCell,
  lstm: lstmCell,
  gru_reset_after: gruResetAfter,
  gru_reset_before: gruResetBefore,
  gru_textbook: gruTextbook,
}

/** h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or another function. Source: PyTorch's nn.RNN. */
function rnnCell(
  w: CellWeights,
  x: Floats,
  xAt: number,
  h: Floats,
  hAt: number,
  _c: Floats,
  _cAt: number,
  scratch: CellScratch,
): void {
  const { fromInput: a, fromHidden: u } = scratch
  affine(w.wIn, w.bIn, x, xAt, w.inputs, a)
  affine(w.wHidden, w.bHidden, h, hAt, w.hidden, u)
  for (let j = 0; j < w.hidden; j++) h[hAt + j] = w.activate(a[j]! + u[j]!)
}

/**
 * r = σ(W_ir x + b_ir + W_hr h + b_hr), z alike, n = tanh(W_in x + b_in + r·(W_hn h + b_hn)), h' = (1−z)·n + z·h.
 *
 * Source: PyTorch's nn.GRU: reset after the product, gates r, z, n.
 */
function gruResetAfter(
  w: CellWeights,
  x: Floats,
  xAt: number,
  h: Floats,
  hAt: number,
  _c: Floats,
  _cAt: number,
  scratch: CellScratch,
): void {
  const { fromInput: a, fromHidden: u } = scratch
  const n = w.hidden
  affine(w.wIn, w.bIn, x, xAt, w.inputs, a)
  affine(w.wHidden, w.bHidden, h, hAt, n, u)
  for (let j = 0; j < n; j++) {
    const r = w.gate(a[j]! + u[j]!)
    const z = w.gate(a[n + j]! + u[n + j]!)
    const c = w.activate(a[2 * n + j]! + r * u[2 * n + j]!)
    h[hAt + j] = (1 - z) * c + z * h[hAt + j]!
  }
}

/** As above with n = tanh(W_in x + b_in + W_hn (r·h) + b_hn). Source: Keras' GRU(reset_after=False). */
function gruResetBefore(
  w: CellWeights,
  x: Floats,
  xAt: number,
  h: Floats,
  hAt: number,
  _c: Floats,
  _cAt: number,
  scratch: CellScratch,
): void {
  resetThenMultiply(w, x, xAt, h, hAt, scratch)
  const { fromInput: a, fromHidden: u } = scratch
  const n = w.hidden
  for (let j = 0; j < n; j++) {
    const z = w.gate(a[n + j]! + u[n + j]!)
    const c = w.activate(a[2 * n + j]! + u[2 * n + j]!)
    h[hAt + j] = (1 - z) * c + z * h[hAt + j]!
  }
}

/** As `gruResetBefore` with h' = (1−z)·h + z·n. Source: Cho et al. 2014, and most textbooks. */
function gruTextbook(
  w: CellWeights,
  x: Floats,
  xAt: number,
  h: Floats,
  hAt: number,
  _c: Floats,
  _cAt: number,
  scratch: CellScratch,
): void {
  resetThenMultiply(w, x, xAt, h, hAt, scratch)
  const { fromInput: a, fromHidden: u } = scratch
  const n = w.hidden
  for (let j = 0; j < n; j++) {
    const z = w.gate(a[n + j]! + u[n + j]!)
    const c = w.activate(a[2 * n + j]! + u[2 * n + j]!)
    h[hAt + j] = (1 - z) * h[hAt + j]! + z * c
  }
}

/** Leaves both affine products, that of the candidate's rows with r·h instead of h. */
function resetThenMultiply(w: CellWeights, x: Floats, xAt: number, h: Floats, hAt: number, scratch: CellScratch): void {
  const { fromInput: a, fromHidden: u, between } = scratch
  const n = w.hidden
  affine(w.wIn, w.bIn, x, xAt, w.inputs, a)
  affine(w.wHidden, w.bHidden, h, hAt, n, u, 0, 0, 2 * n)
  for (let j = 0; j < n; j++) between[j] = w.gate(a[j]! + u[j]!) * h[hAt + j]!
  affine(w.wHidden, w.bHidden, between, 0, n, u, 0, 2 * n, 3 * n)
}

/**
 * c' = σ(f)·c + σ(i)·tanh(g), h' = σ(o)·tanh(c'), or W_p of that.
 *
 * Source: PyTorch's nn.LSTM, with `proj_size`: gates i, f, g, o.
 */
function lstmCell(
  w: CellWeights,
  x: Floats,
  xAt: number,
  h: Floats,
  hAt: number,
  c: Floats,
  cAt: number,
  scratch: CellScratch,
): void {
  const { fromInput: a, fromHidden: u, between } = scratch
  const n = w.hidden
  affine(w.wIn, w.bIn, x, xAt, w.inputs, a)
  affine(w.wHidden, w.bHidden, h, hAt, w.outputs, u)
  const out = w.wProjection === null ? h : between
  const outAt = w.wProjection === null ? hAt : 0
  for (let j = 0; j < n; j++) {
    const i = w.gate(a[j]! + u[j]!)
    const f = w.gate(a[n + j]! + u[n + j]!)
    const g = w.activate(a[2 * n + j]! + u[2 * n + j]!)
    const o = w.gate(a[3 * n + j]! + u[3 * n + j]!)
    const cell = f * c[cAt + j]! + i * g
    c[cAt + j] = cell
    out[outAt + j] = o * w.activate(cell)
  }
  if (w.wProjection !== null) project(w.wProjection, between, h, hAt, w.outputs)
}

function project(w: Float32Array, from: Float64Array, h: Floats, hAt: number, outputs: number): void {
  for (let row = 0; row < outputs; row++) {
    let sum = 0
    for (let k = 0; k < from.length; k++) sum += w[row * from.length + k]! * from[k]!
    h[hAt + row] = sum
  }
}
