import type { RecurrentNode } from '../graph.ts'
import type { StatePlace } from '../kernel.ts'
import { type Block, packPanels, panelColumns } from './panels.ts'
import { type Program, roundUp } from './program.ts'

/** A weight by its name in the state dict; null gives null. */
export type Weights = <N extends string | null>(name: N) => N extends null ? null : Float32Array

/** 2^t needs −a·log2 e for a sigmoid, −2a·log2 e for a tanh: the factors go into the weights. */
const sigmoidScale = -Math.LOG2E
const tanhScale = -2 * Math.LOG2E

/** What a cell's operations need to know: places in the tile row in bytes, sizes in float32. */
interface Cell {
  readonly node: RecurrentNode
  readonly inputs: number
  /** Size of h. */
  readonly size: number
  readonly xAt: number
  readonly hAt: number
  /** The sums of the gates: one room for all cells, one after the other. */
  readonly preAt: number
  /** Bytes of a gate: H rounded up to four lanes. */
  readonly wide: number
  readonly w: Weights
  readonly stateLimit: number
}

/** Float32 of room that a node's sums need. */
export function roomForSums(node: RecurrentNode): number {
  const gates = node.cell === 'lstm' ? 5 : node.cell.startsWith('gru') ? 4 : 1
  return gates * roundUp(node.hidden) + panelColumns
}

/**
 * Adds the operations of one recurrent layer; x and h lie side by side in the tile row, so that one product takes both.
 *
 * `place` says where x must be written. Gives the value's place and the state's.
 */
export function addRecurrent(
  program: Program,
  node: RecurrentNode,
  inputs: number,
  preAt: number,
  w: Weights,
  stateLimit: number,
  place: (xAt: number) => void,
): { readonly at: number; readonly state: StatePlace } {
  const size = node.width
  const padded = roundUp(inputs)
  const region = program.value(padded + Math.ceil(size / panelColumns) * panelColumns)
  const hAt = region + padded * 4
  const xAt = hAt - inputs * 4
  place(xAt)
  const run = program.state(size, hAt)
  const cell: Cell = { node, inputs, size, xAt, hAt, preAt, wide: roundUp(node.hidden) * 4, w, stateLimit }
  const cRun = node.cell === 'lstm' ? addLstm(program, cell) : null
  if (node.cell === 'gru_reset_after') addGruAfter(program, cell)
  if (node.cell === 'gru_reset_before' || node.cell === 'gru_textbook') addGruBefore(program, cell)
  if (node.cell === 'rnn_tanh' || node.cell === 'rnn_relu') addRnn(program, cell)
  program.add('keep', { a: run.arenaAt, b: hAt, c: run.bytes })
  const cAt = cRun === null ? null : cRun.arenaAt / 4
  return { at: hAt, state: { hAt: run.arenaAt / 4, hSize: size, cAt, cSize: cAt === null ? 0 : node.hidden } }
}

/** Gates of H rows each, every one beginning at a multiple of four columns. */
function gateBlocks(hidden: number, scales: readonly number[], firstGate = 0): Block[] {
  return scales.map((scale, gate) => ({
    at: gate * roundUp(hidden),
    rows: hidden,
    from: (firstGate + gate) * hidden,
    scale,
  }))
}

/** A product into the room for sums, from column `columnAt` on, over x and h, or one of them. */
function addSums(
  program: Program,
  cell: Cell,
  over: 'x and h' | 'x' | 'h',
  gates: { readonly first: number; readonly scales: readonly number[] },
  toAt: number,
): void {
  const { node, inputs, size, w, xAt, hAt } = cell
  const withX = over !== 'h'
  const withH = over !== 'x'
  const parts = [
    ...(withX ? [{ weights: w(node.wIn), inputs }] : []),
    ...(withH ? [{ weights: w(node.wHidden), inputs: size }] : []),
  ]
  const biases = [withX ? w(node.bIn) : null, withH ? w(node.bHidden) : null]
  const columns = gates.scales.length * roundUp(node.hidden)
  const packed = packPanels(columns, gateBlocks(node.hidden, gates.scales, gates.first), parts, biases)
  program.add('affine', {
    a: withX ? xAt : hAt,
    b: (withX ? inputs : 0) + (withH ? size : 0),
    c: program.image.place(packed),
    d: Math.ceil(columns / panelColumns),
    e: toAt,
  })
}

function addGruAfter(program: Program, cell: Cell): void {
  const { preAt, wide, hAt } = cell
  addSums(program, cell, 'x and h', { first: 0, scales: [sigmoidScale, sigmoidScale] }, preAt)
  // Half a panel too many may be written here: the next product, of W_in x, writes over it.
  addSums(program, cell, 'h', { first: 2, scales: [tanhScale] }, preAt + 2 * wide)
  addSums(program, cell, 'x', { first: 2, scales: [tanhScale] }, preAt + 3 * wide)
  program.add('resetAfter', { a: preAt, b: wide })
  program.add('update', { a: preAt + wide, b: wide, c: preAt, d: hAt })
}

function addGruBefore(program: Program, cell: Cell): void {
  const { node, preAt, wide, hAt, size, w } = cell
  // The textbook's z weighs the new value: its complement, σ(−a), weighs the old one as everywhere else.
  const z = node.cell === 'gru_textbook' ? -sigmoidScale : sigmoidScale
  addSums(program, cell, 'x and h', { first: 0, scales: [sigmoidScale, z] }, preAt)
  program.add('resetBefore', { a: preAt, b: wide, c: hAt })
  const blocks = gateBlocks(node.hidden, [tanhScale], 2)
  const columns = roundUp(node.hidden)
  const fromX = packPanels(
    columns,
    blocks,
    [{ weights: w(node.wIn), inputs: cell.inputs }],
    [w(node.bIn), w(node.bHidden)],
  )
  const fromH = packPanels(columns, blocks, [{ weights: w(node.wHidden), inputs: size }], [])
  const panels = Math.ceil(columns / panelColumns)
  const nAt = preAt + 2 * wide
  program.add('affine', { a: cell.xAt, b: cell.inputs, c: program.image.place(fromX), d: panels, e: nAt })
  program.add('affineOnto', { a: preAt, b: size, c: program.image.place(fromH), d: panels, e: nAt })
  program.add('update', { a: preAt + wide, b: wide, c: nAt, d: hAt })
}

function addLstm(program: Program, cell: Cell): { readonly arenaAt: number } {
  const { node, preAt, wide, hAt, w } = cell
  const cAt = program.value(node.hidden)
  const run = program.state(node.hidden, cAt)
  addSums(program, cell, 'x and h', { first: 0, scales: [sigmoidScale, sigmoidScale, tanhScale, sigmoidScale] }, preAt)
  if (node.wProjection === null) {
    program.add('lstm', { a: preAt, b: wide, c: cAt, d: hAt })
    return run
  }
  const valueAt = preAt + 4 * wide
  program.add('lstm', { a: preAt, b: wide, c: cAt, d: valueAt })
  const parts = [{ weights: w(node.wProjection), inputs: node.hidden }]
  const packed = packPanels(node.width, [{ at: 0, rows: node.width, from: 0, scale: 1 }], parts, [])
  const panels = Math.ceil(node.width / panelColumns)
  program.add('affine', { a: valueAt, b: node.hidden, c: program.image.place(packed), d: panels, e: hAt })
  return run
}

function addRnn(program: Program, cell: Cell): void {
  const { node, preAt, wide, hAt, stateLimit } = cell
  const isTanh = node.cell === 'rnn_tanh'
  addSums(program, cell, 'x and h', { first: 0, scales: [isTanh ? tanhScale : 1] }, preAt)
  program.add(isTanh ? 'rnnTanh' : 'rnnRelu', { a: preAt, b: wide, c: hAt }, stateLimit)
}
