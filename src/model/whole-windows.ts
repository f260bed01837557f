import { outputWidth, recurrentNodes } from './graph.ts'
import type { HiddenState } from './hidden-state.ts'
import type { Windows } from './kernel.ts'
import type { Model } from './model.ts'
import { createTrainer } from './trainer/trainer.ts'

/** Bytes of the tape that one piece of a batch may take, about: larger batches are cut. */
const tapeBytes = 256 * 2 ** 20

/** Values that a node keeps for each of its own, about: gates, their sums and gradients. */
const keptPerValue = 12

/**
 * Whole sequences through a model that reads the future: the forward pass of training, node after node over all ticks.
 *
 * A sequence's bits do not depend on the batch, so large batches are cut into pieces that fit a bounded memory.
 * Errors: `OperatingError('model')` when the tape of a single sequence needs more than 4 GiB.
 */
export function createWholeWindows(model: Model): Windows {
  const { graph } = model
  const width = outputWidth(graph)
  const perTick = 4 * keptPerValue * graph.nodes.reduce((sum, node) => sum + node.width, 0)
  return (x, batch, ticks, state) => {
    const rowsMax = Math.max(1, Math.floor(tapeBytes / (ticks * perTick)))
    const inputs = batch * ticks === 0 ? 0 : x.length / batch
    const parts: { output: Float32Array; state: HiddenState; rows: number }[] = []
    for (let first = 0; first < batch; first += rowsMax) {
      const rows = Math.min(rowsMax, batch - first)
      const trainer = createTrainer(model, { batch: rows, ticks })
      const from = state && hiddenRows(model, state, batch, first, rows)
      const output = trainer.forward(x.subarray(first * inputs, (first + rows) * inputs), from)
      parts.push({ output, state: trainer.state, rows })
    }
    const output = new Float32Array(parts.reduce((sum, part) => sum + part.output.length, 0))
    let at = 0
    for (const part of parts) {
      output.set(part.output, at)
      at += part.output.length
    }
    return { output, ticks: output.length / batch / width, state: joined(model, parts, batch) }
  }
}

/** Visits each recurrent node's block of h and of c, (B, size): the block's place among the floats of one batch row. */
function eachBlock(model: Model, visit: (part: 'h' | 'c', before: number, size: number) => void): void {
  const before = { h: 0, c: 0 }
  for (const { width, cell, hidden } of recurrentNodes(model.graph)) {
    visit('h', before.h, width)
    before.h += width
    if (cell !== 'lstm') continue
    visit('c', before.c, hidden)
    before.c += hidden
  }
}

function emptyState(model: Model, rows: number): { h: Float32Array; c: Float32Array } {
  const sizes = { h: 0, c: 0 }
  eachBlock(model, (part, _, size) => {
    sizes[part] += size
  })
  return { h: new Float32Array(rows * sizes.h), c: new Float32Array(rows * sizes.c) }
}

function asHidden({ h, c }: { h: Float32Array; c: Float32Array }): HiddenState {
  return c.length > 0 ? { h, c } : { h }
}

/** The states of some sequences of a batch, in the same layout. */
function hiddenRows(model: Model, state: HiddenState, batch: number, first: number, rows: number): HiddenState {
  if (rows === batch) return state
  const to = emptyState(model, rows)
  eachBlock(model, (part, before, size) => {
    const from = (part === 'h' ? state.h : state.c!).subarray(before * batch + first * size)
    to[part].set(from.subarray(0, rows * size), before * rows)
  })
  return asHidden(to)
}

/** The states of all pieces as one batch. */
function joined(
  model: Model,
  parts: readonly { readonly state: HiddenState; readonly rows: number }[],
  batch: number,
): HiddenState {
  const to = emptyState(model, batch)
  let first = 0
  for (const { state, rows } of parts) {
    eachBlock(model, (part, before, size) => {
      const from = (part === 'h' ? state.h : state.c!).subarray(before * rows, (before + size) * rows)
      to[part].set(from, before * batch + first * size)
    })
    first += rows
  }
  return asHidden(to)
}
