import { sigmoid, tanh } from '../base/math.ts'

/**
 * A one-layer GRU with a linear head on every step, in float64, with its gradient: what training needs.
 *
 * Weights lie in one flat array so that the optimizer is one loop. The forward pass keeps every activation of a window;
 * the backward pass walks it from the end (truncated to the window).
 * Source: PyTorch's nn.GRU (gates r, z, n; reset after the product); checked against its gradients.
 */
export interface Shape {
  readonly inputs: number
  readonly hidden: number
  readonly outputs: number
}

/** Places of the weights in the flat array; all row-major. */
export interface Layout {
  readonly wIn: number
  readonly wHidden: number
  readonly bIn: number
  readonly bHidden: number
  readonly wHead: number
  readonly bHead: number
  readonly size: number
}

/** The layout of a shape: (3H,I), (3H,H), (3H), (3H), (O,H), (O). */
export function layoutOf({ inputs, hidden, outputs }: Shape): Layout {
  const wHidden = 3 * hidden * inputs
  const bIn = wHidden + 3 * hidden * hidden
  const bHidden = bIn + 3 * hidden
  const wHead = bHidden + 3 * hidden
  const bHead = wHead + outputs * hidden
  return { wIn: 0, wHidden, bIn, bHidden, wHead, bHead, size: bHead + outputs }
}

/** Activations of one window. Shapes: h (T+1,H), gates (T,3H), hidden part of n (T,H), y (T,O). */
export class Tape {
  readonly h: Float64Array
  readonly gates: Float64Array
  readonly fromHidden: Float64Array
  readonly y: Float64Array
  readonly ticks: number

  constructor(shape: Shape, ticks: number) {
    this.ticks = ticks
    this.h = new Float64Array((ticks + 1) * shape.hidden)
    this.gates = new Float64Array(ticks * 3 * shape.hidden)
    this.fromHidden = new Float64Array(ticks * shape.hidden)
    this.y = new Float64Array(ticks * shape.outputs)
  }
}

/** Runs one window; x (T,I), the first row of `tape.h` is the start state. */
export function forwardWindow(shape: Shape, w: Float64Array, x: Float64Array, tape: Tape): void {
  const at = layoutOf(shape)
  const { hidden: n, inputs, outputs } = shape
  for (let t = 0; t < tape.ticks; t++) {
    const g = t * 3 * n
    const before = t * n
    for (let row = 0; row < 3 * n; row++) {
      let a = w[at.bIn + row]!
      for (let k = 0; k < inputs; k++) a += w[at.wIn + row * inputs + k]! * x[t * inputs + k]!
      let u = w[at.bHidden + row]!
      const from = at.wHidden + row * n
      for (let k = 0; k < n; k++) u += w[from + k]! * tape.h[before + k]!
      if (row < 2 * n) tape.gates[g + row] = sigmoid(a + u)
      else {
        tape.fromHidden[t * n + row - 2 * n] = u
        tape.gates[g + row] = tanh(a + tape.gates[g + row - 2 * n]! * u)
      }
    }
    for (let j = 0; j < n; j++) {
      const z = tape.gates[g + n + j]!
      tape.h[before + n + j] = (1 - z) * tape.gates[g + 2 * n + j]! + z * tape.h[before + j]!
    }
    for (let o = 0; o < outputs; o++) {
      let sum = w[at.bHead + o]!
      for (let j = 0; j < n; j++) sum += w[at.wHead + o * n + j]! * tape.h[before + n + j]!
      tape.y[t * outputs + o] = sum
    }
  }
}

/** Room for one window's backward walk. */
export class BackwardRoom {
  readonly dh: Float64Array
  readonly dBefore: Float64Array
  readonly dIn: Float64Array
  readonly dHid: Float64Array

  constructor(shape: Shape) {
    this.dh = new Float64Array(shape.hidden)
    this.dBefore = new Float64Array(shape.hidden)
    this.dIn = new Float64Array(3 * shape.hidden)
    this.dHid = new Float64Array(3 * shape.hidden)
  }
}

/** Adds the gradient of a window to `grad`; dy (T,O) is the loss's gradient at the outputs. */
export function backwardWindow(
  shape: Shape,
  w: Float64Array,
  x: Float64Array,
  tape: Tape,
  dy: Float64Array,
  room: BackwardRoom,
  grad: Float64Array,
): void {
  const at = layoutOf(shape)
  const n = shape.hidden
  room.dh.fill(0)
  for (let t = tape.ticks - 1; t >= 0; t--) {
    backwardHead(shape, w, at, tape, dy, t, room.dh, grad)
    backwardGates(n, tape, t, room)
    backwardAffine(shape, w, at, x, tape, t, room, grad)
    room.dh.set(room.dBefore)
  }
}

function backwardHead(
  shape: Shape,
  w: Float64Array,
  at: Layout,
  tape: Tape,
  dy: Float64Array,
  t: number,
  dh: Float64Array,
  grad: Float64Array,
): void {
  const n = shape.hidden
  const after = (t + 1) * n
  for (let o = 0; o < shape.outputs; o++) {
    const d = dy[t * shape.outputs + o]!
    if (d === 0) continue
    grad[at.bHead + o] = grad[at.bHead + o]! + d
    const row = at.wHead + o * n
    for (let j = 0; j < n; j++) {
      grad[row + j] = grad[row + j]! + d * tape.h[after + j]!
      dh[j] = dh[j]! + d * w[row + j]!
    }
  }
}

function backwardGates(n: number, tape: Tape, t: number, room: BackwardRoom): void {
  const g = t * 3 * n
  for (let j = 0; j < n; j++) {
    const r = tape.gates[g + j]!
    const z = tape.gates[g + n + j]!
    const c = tape.gates[g + 2 * n + j]!
    const d = room.dh[j]!
    const dc = d * (1 - z) * (1 - c * c)
    const dz = d * (tape.h[t * n + j]! - c) * z * (1 - z)
    const dr = dc * tape.fromHidden[t * n + j]! * r * (1 - r)
    room.dBefore[j] = d * z
    room.dIn[j] = dr
    room.dIn[n + j] = dz
    room.dIn[2 * n + j] = dc
    room.dHid[j] = dr
    room.dHid[n + j] = dz
    room.dHid[2 * n + j] = dc * r
  }
}

function backwardAffine(
  shape: Shape,
  w: Float64Array,
  at: Layout,
  x: Float64Array,
  tape: Tape,
  t: number,
  room: BackwardRoom,
  grad: Float64Array,
): void {
  const { hidden: n, inputs } = shape
  for (let row = 0; row < 3 * n; row++) {
    const da = room.dIn[row]!
    const du = room.dHid[row]!
    grad[at.bIn + row] = grad[at.bIn + row]! + da
    grad[at.bHidden + row] = grad[at.bHidden + row]! + du
    for (let k = 0; k < inputs; k++) {
      const place = at.wIn + row * inputs + k
      grad[place] = grad[place]! + da * x[t * inputs + k]!
    }
    const from = at.wHidden + row * n
    for (let k = 0; k < n; k++) {
      grad[from + k] = grad[from + k]! + du * tape.h[t * n + k]!
      room.dBefore[k] = room.dBefore[k]! + du * w[from + k]!
    }
  }
}
