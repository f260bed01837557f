import type { RecurrentNode } from '../graph.ts'
import type { CellTape } from './cells.ts'
import { gruCell, lstmCell, rnnCell } from './cells.ts'
import { HiddenMask } from './hidden-mask.ts'
import { strideOf, type Tape, type TapeValue, type TrainedNode } from './tape.ts'
import type { Packed } from './tape-weights.ts'

/** Ticks are walked back in runs of about so many rows: their gradients are still in the cache when dW is summed. */
const runRows = 128

/** Where the states before the first tick and after the last one lie, and their gradients. */
export interface TapeStates {
  readonly h: { readonly first: number; readonly last: number; readonly gradient: number; readonly size: number }
  readonly c: { readonly first: number; readonly last: number; readonly gradient: number; readonly size: number } | null
}

/** A recurrent node made ready: a node with products and states. */
export interface TrainedRecurrent extends TrainedNode {
  readonly packed: readonly Packed[]
  readonly states: TapeStates
}

/**
 * One layer in one direction, through all ticks and back (BPTT): what x gives and what h gives, then the gates.
 *
 * h lies behind its own first state, so that the rows before a tick's are the states it started from. Going back, the
 * gradients of the gates' sums are kept for a run of ticks only; then they give dW, db and dx.
 * Shapes: x (T,B,I); h (T+1,B,H); tape (T,B,gates·H); c (T+1,B,H). Cost: 6·T·B·G·H·(I+H) flops forward and back.
 */
export function trainRecurrent(tape: Tape, node: RecurrentNode, x: TapeValue): TrainedRecurrent {
  const { batch } = tape
  const { ticks } = x
  const value = tape.value(ticks, node.width, true, node.reverse ? { after: 1 } : { before: 1 })
  const stride = value.stride
  const tickBytes = batch * stride
  const back = node.reverse ? tickBytes : -tickBytes
  const wide = strideOf(node.hidden)
  const make = node.cell === 'lstm' ? lstmCell : node.cell.startsWith('gru') ? gruCell : rnnCell
  const runTicks = Math.min(ticks, Math.max(1, Math.floor(runRows / batch)))
  const mask = node.recurrentDropout > 0 ? new HiddenMask(node.width, node.recurrentDropout) : null
  const cellTape: CellTape = { tape, node, x, value, wide, back, mask, runTicks }
  const cell = make(cellTape)
  const firstTick = node.reverse ? ticks - 1 : 0
  const lastTick = ticks - 1 - firstTick
  const isRunEnd = (tick: number): boolean =>
    node.reverse ? tick === ticks - 1 || tick % runTicks === runTicks - 1 : tick % runTicks === 0
  return {
    value,
    packed: cell.packed,
    ...(mask === null ? {} : { drops: mask.drops(cell.packed) }),
    states: {
      h: {
        first: value.at + firstTick * tickBytes + back,
        last: value.at + lastTick * tickBytes,
        gradient: value.gradAt + firstTick * tickBytes + back,
        size: node.width,
      },
      c: cell.c,
    },
    forward(kernels) {
      for (let n = 0; n < ticks; n++) {
        const tick = node.reverse ? ticks - 1 - n : n
        cell.forward(kernels, tick * batch, batch)
      }
    },
    backward(kernels) {
      cell.begin(kernels)
      for (let n = ticks - 1; n >= 0; n--) {
        const tick = node.reverse ? ticks - 1 - n : n
        cell.backward(kernels, tick * batch, batch)
        if (!isRunEnd(tick)) continue
        const first = tick - (tick % runTicks)
        cell.finishRun(kernels, first * batch, (Math.min(ticks, first + runTicks) - first) * batch)
      }
      cell.end(kernels)
    },
  }
}
