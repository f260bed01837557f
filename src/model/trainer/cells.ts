import type { RecurrentNode } from '../graph.ts'
import type { Block } from '../wasm/panels.ts'
import type { HiddenMask } from './hidden-mask.ts'
import type { TrainingKernels } from './kernels.ts'
import type { Tape, TapeValue } from './tape.ts'
import { Product } from './tape-product.ts'
import type { Packed } from './tape-weights.ts'

/** What a cell's two passes work on. */
export interface CellTape {
  readonly tape: Tape
  readonly node: RecurrentNode
  readonly x: TapeValue
  /** h of every tick. */
  readonly value: TapeValue
  /** Bytes of H, rounded up to whole panels. */
  readonly wide: number
  /** Bytes from the h of a tick to the h that it started from. */
  readonly back: number
  /** Units of h that the recurrent product does not see. */
  readonly mask: HiddenMask | null
  /** Ticks whose gradients of sums are kept at once. */
  readonly runTicks: number
}

/**
 * One cell on the rows of one tick, and what is done once for a run of ticks.
 *
 * `first` is a row of (T,B), tick·B for the first of a tick. The rows that it starts from lie `back` bytes away.
 */
export interface TrainedCell {
  readonly packed: readonly Packed[]
  readonly c: { readonly first: number; readonly last: number; readonly gradient: number; readonly size: number } | null
  forward(kernels: TrainingKernels, first: number, rows: number): void
  begin(kernels: TrainingKernels): void
  backward(kernels: TrainingKernels, first: number, rows: number): void
  /** dW, db and dx of the rows from `first` on. */
  finishRun(kernels: TrainingKernels, first: number, rows: number): void
  end(kernels: TrainingKernels): void
}

const nothing = (): void => {}

/** Blocks of H rows: the gates of PyTorch's order `from` stand, in this order, from column 0 on. */
function gateBlocks(cell: CellTape, gates: readonly number[], scale: readonly number[] = []): Block[] {
  const { hidden } = cell.node
  return gates.map((gate, place) => ({
    at: (place * cell.wide) / 4,
    rows: hidden,
    from: gate * hidden,
    scale: scale[place] ?? 1,
  }))
}

/** What all cells have: rooms, places of a tick, and the products of x and h. */
function roomOf(cell: CellTape, runs: number, sumRuns: number) {
  const { tape, x, value, wide, back, runTicks } = cell
  const { batch } = tape
  const tapeStride = runs * wide
  const sumsStride = sumRuns * wide
  const tapeAt = tape.image.reserve(x.ticks * batch * tapeStride)
  const sumsAt = tape.image.reserve(runTicks * batch * sumsStride)
  return {
    tapeStride,
    sumsStride,
    tapeOf: (row: number) => tapeAt + row * tapeStride,
    sumsOf: (row: number) => sumsAt + (row % (runTicks * batch)) * sumsStride,
    xOf: (row: number) => x.at + row * x.stride,
    hOf: (row: number) => value.at + row * value.stride,
    /** dx of the rows of a run, where somebody wants it. */
    passOn(kernels: TrainingKernels, product: Product, first: number, rows: number): void {
      if (x.gradAt === 0) return
      const to = x.gradAt + first * x.stride
      product.backwardOnto(kernels, rows, sumsAt, sumsStride, to, x.stride)
    },
    sumsAt,
    /** From the place of an h to that of its gradient. */
    toGradient: value.gradAt - value.at,
    back,
  }
}

/**
 * GRU: a tape row is [n][r][z][W_hn h + b, or r·h], the gradients of its sums alike.
 *
 * The textbook's z is the complement of PyTorch's: its rows are taken with the sign changed, σ(−a) = 1 − σ(a).
 */
export function gruCell(cell: CellTape): TrainedCell {
  return cell.node.cell === 'gru_reset_after' ? gruAfterCell(cell) : gruBeforeCell(cell)
}

function gruAfterCell(cell: CellTape): TrainedCell {
  const { tape, node, x, value, wide } = cell
  const room = roomOf(cell, 4, 4)
  const { tapeStride, sumsStride } = room
  const columns = (3 * wide) / 4
  const [, r, z] = gateBlocks(cell, [2, 0, 1])
  const ofX = new Product(tape, {
    weight: node.wIn,
    k: x.width,
    blocks: gateBlocks(cell, [2, 0, 1]),
    columns,
    bias: node.bIn,
    extra: { bias: node.bHidden, blocks: [r!, z!] },
  })
  const ofH = new Product(tape, {
    weight: node.wHidden,
    k: node.hidden,
    blocks: gateBlocks(cell, [0, 1, 2]),
    columns,
    bias: node.bHidden,
    mask: cell.mask,
  })
  const gatePanels = wide / 32
  return {
    packed: [ofX, ofH],
    c: null,
    begin: nothing,
    end: nothing,
    forward(kernels, row, rows) {
      const at = room.tapeOf(row)
      const to = room.hOf(row)
      const h = to + room.back
      ofX.forward(kernels, rows, room.xOf(row), x.stride, at, tapeStride)
      ofH.forwardOnto(kernels, rows, h, value.stride, at + wide, tapeStride, 2 * gatePanels)
      ofH.forward(kernels, rows, h, value.stride, at + 3 * wide, tapeStride, 2 * gatePanels)
      kernels.gruAfter(rows, at, wide, h, to)
    },
    backward(kernels, row, rows) {
      const h = room.hOf(row) + room.back
      const dh = room.hOf(row) + room.toGradient
      const dBefore = dh + room.back
      const sums = room.sumsOf(row)
      kernels.gruAfterBack(rows, room.tapeOf(row), wide, h, dh, dBefore, sums)
      ofH.backwardOnto(kernels, rows, sums + wide, sumsStride, dBefore, value.stride)
    },
    finishRun(kernels, first, rows) {
      ofX.accumulate(kernels, rows, room.xOf(first), x.stride, room.sumsAt, sumsStride)
      ofH.accumulate(kernels, rows, room.hOf(first) + room.back, value.stride, room.sumsAt + wide, sumsStride)
      room.passOn(kernels, ofX, first, rows)
    },
  }
}

function gruBeforeCell(cell: CellTape): TrainedCell {
  const { tape, node, x, value, wide } = cell
  const room = roomOf(cell, 4, 4)
  const { tapeStride, sumsStride } = room
  const sign = node.cell === 'gru_textbook' ? -1 : 1
  const all = gateBlocks(cell, [2, 0, 1], [1, 1, sign])
  const extra = { bias: node.bHidden, blocks: all }
  const ofX = new Product(tape, {
    weight: node.wIn,
    k: x.width,
    blocks: all,
    columns: (3 * wide) / 4,
    bias: node.bIn,
    extra,
  })
  const own = { weight: node.wHidden, k: node.hidden, bias: node.bHidden, mask: cell.mask }
  const ofH = new Product(tape, { ...own, blocks: gateBlocks(cell, [0, 1], [1, sign]), columns: (2 * wide) / 4 })
  const ofReset = new Product(tape, { ...own, blocks: gateBlocks(cell, [2]), columns: wide / 4 })
  return {
    packed: [ofX, ofH, ofReset],
    c: null,
    begin: nothing,
    end: nothing,
    forward(kernels, row, rows) {
      const at = room.tapeOf(row)
      const to = room.hOf(row)
      const h = to + room.back
      ofX.forward(kernels, rows, room.xOf(row), x.stride, at, tapeStride)
      ofH.forwardOnto(kernels, rows, h, value.stride, at + wide, tapeStride)
      kernels.gruReset(rows, at, wide, h)
      ofReset.forwardOnto(kernels, rows, at + 3 * wide, tapeStride, at, tapeStride)
      kernels.gruMix(rows, at, wide, h, to)
    },
    backward(kernels, row, rows) {
      const at = room.tapeOf(row)
      const h = room.hOf(row) + room.back
      const dh = room.hOf(row) + room.toGradient
      const dBefore = dh + room.back
      const sums = room.sumsOf(row)
      kernels.gruMixBack(rows, at, wide, h, dh, dBefore, sums)
      ofReset.backward(kernels, rows, sums, sumsStride, sums + 3 * wide, sumsStride)
      kernels.gruResetBack(rows, at, wide, h, dBefore, sums)
      ofH.backwardOnto(kernels, rows, sums + wide, sumsStride, dBefore, value.stride)
    },
    finishRun(kernels, first, rows) {
      ofX.accumulate(kernels, rows, room.xOf(first), x.stride, room.sumsAt, sumsStride)
      ofH.accumulate(kernels, rows, room.hOf(first) + room.back, value.stride, room.sumsAt + wide, sumsStride)
      ofReset.accumulate(kernels, rows, room.tapeOf(first) + 3 * wide, tapeStride, room.sumsAt, sumsStride)
      room.passOn(kernels, ofX, first, rows)
    },
  }
}

/** LSTM: a tape row is [i][f][g][o][tanh c']; with a projection the value before it has a room of its own. */
export function lstmCell(cell: CellTape): TrainedCell {
  const { tape, node, x, value, wide } = cell
  const room = roomOf(cell, 5, 4)
  const { tapeStride, sumsStride } = room
  const blocks = gateBlocks(cell, [0, 1, 2, 3])
  const columns = (4 * wide) / 4
  const extra = { bias: node.bHidden, blocks }
  const ofX = new Product(tape, { weight: node.wIn, k: x.width, blocks, columns, bias: node.bIn, extra })
  const { mask } = cell
  const ofH = new Product(tape, { weight: node.wHidden, k: node.width, blocks, columns, bias: node.bHidden, mask })
  const projection = projectionOf(cell)
  const { batch } = tape
  // c lies as h does: behind (or, reversed, before) its own first state.
  const c = tape.value(x.ticks, node.hidden, false, node.reverse ? { after: 1 } : { before: 1 })
  const dc = tape.gradient(batch * wide)
  const cTick = batch * wide
  const cBack = node.reverse ? cTick : -cTick
  const firstTick = node.reverse ? x.ticks - 1 : 0
  return {
    packed: [ofX, ofH, ...(projection === null ? [] : [projection.product])],
    c: {
      first: c.at + firstTick * cTick + cBack,
      last: c.at + (x.ticks - 1 - firstTick) * cTick,
      gradient: dc,
      size: node.hidden,
    },
    begin: nothing,
    forward(kernels, row, rows) {
      const at = room.tapeOf(row)
      const to = room.hOf(row)
      const cTo = c.at + row * wide
      ofX.forward(kernels, rows, room.xOf(row), x.stride, at, tapeStride)
      ofH.forwardOnto(kernels, rows, to + room.back, value.stride, at, tapeStride)
      kernels.lstm(rows, at, wide, cTo + cBack, cTo, projection === null ? to : projection.valueOf(row))
      projection?.product.forward(kernels, rows, projection.valueOf(row), wide, to, value.stride)
    },
    backward(kernels, row, rows) {
      const dh = room.hOf(row) + room.toGradient
      const sums = room.sumsOf(row)
      projection?.product.backward(kernels, rows, dh, value.stride, projection.gradient, wide)
      const dv = projection === null ? dh : projection.gradient
      kernels.lstmBack(rows, room.tapeOf(row), wide, c.at + row * wide + cBack, dv, dc, sums)
      ofH.backwardOnto(kernels, rows, sums, sumsStride, dh + room.back, value.stride)
    },
    finishRun(kernels, first, rows) {
      ofX.accumulate(kernels, rows, room.xOf(first), x.stride, room.sumsAt, sumsStride)
      ofH.accumulate(kernels, rows, room.hOf(first) + room.back, value.stride, room.sumsAt, sumsStride)
      room.passOn(kernels, ofX, first, rows)
    },
    // By now the gradient of every h is whole.
    end(kernels) {
      projection?.product.accumulate(kernels, x.ticks * batch, projection.valueOf(0), wide, value.gradAt, value.stride)
    },
  }
}

/** h = W_p·value: its product, the values of all ticks, and room for one tick's gradient. */
function projectionOf({ tape, node, x, value, wide }: CellTape) {
  if (node.wProjection === null) return null
  const { batch } = tape
  const product = new Product(tape, {
    weight: node.wProjection,
    k: node.hidden,
    blocks: [{ at: 0, rows: node.width, from: 0, scale: 1 }],
    columns: value.stride / 4,
    bias: null,
  })
  const values = tape.image.reserve(x.ticks * batch * wide)
  return {
    product,
    valueOf: (row: number) => values + row * wide,
    gradient: tape.image.reserve(batch * wide),
  }
}

/** Simple RNN: the value is its own tape. */
export function rnnCell(cell: CellTape): TrainedCell {
  const { tape, node, x, value, wide } = cell
  const room = roomOf(cell, 1, 1)
  const { sumsStride } = room
  const blocks = gateBlocks(cell, [0])
  const columns = wide / 4
  const extra = { bias: node.bHidden, blocks }
  const ofX = new Product(tape, { weight: node.wIn, k: x.width, blocks, columns, bias: node.bIn, extra })
  const ofH = new Product(tape, {
    weight: node.wHidden,
    k: node.hidden,
    blocks,
    columns,
    bias: node.bHidden,
    mask: cell.mask,
  })
  const isTanh = node.cell === 'rnn_tanh'
  return {
    packed: [ofX, ofH],
    c: null,
    begin: nothing,
    end: nothing,
    forward(kernels, row, rows) {
      const at = room.tapeOf(row)
      const to = room.hOf(row)
      ofX.forward(kernels, rows, room.xOf(row), x.stride, at, wide)
      ofH.forwardOnto(kernels, rows, to + room.back, value.stride, at, wide)
      if (isTanh) kernels.rnnTanhTape(rows * wide, at, to)
      else kernels.rnnReluTape(rows * wide, at, to)
    },
    backward(kernels, row, rows) {
      const h = room.hOf(row)
      const dh = h + room.toGradient
      const sums = room.sumsOf(row)
      if (isTanh) kernels.rnnTanhBack(rows * wide, h, dh, sums)
      else kernels.rnnReluBack(rows * wide, h, dh, sums)
      ofH.backwardOnto(kernels, rows, sums, sumsStride, dh + room.back, value.stride)
    },
    finishRun(kernels, first, rows) {
      ofX.accumulate(kernels, rows, room.xOf(first), x.stride, room.sumsAt, sumsStride)
      ofH.accumulate(kernels, rows, room.hOf(first) + room.back, value.stride, room.sumsAt, sumsStride)
      room.passOn(kernels, ofX, first, rows)
    },
  }
}
