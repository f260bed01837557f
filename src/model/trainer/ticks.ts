import { assert } from '../../base/assert.ts'
import type { LastNode, PoolNode, RepeatNode } from '../graph.ts'
import type { Tape, TapeValue, TrainedNode } from './tape.ts'

/** The value at the last tick, or of a reversed layer at the first. */
export function trainLast(tape: Tape, node: LastNode, x: TapeValue): TrainedNode {
  const value = tape.value(1, node.width)
  const bytes = tape.batch * x.stride
  const from = node.first ? 0 : (x.ticks - 1) * bytes
  return {
    value,
    forward: (kernels) => kernels.move(bytes, x.at + from, value.at),
    backward: (kernels) => kernels.addScaled(bytes, 1, value.gradAt, x.gradAt + from),
  }
}

/** Mean or maximum over the ticks, or all ticks side by side. */
export function trainPool(tape: Tape, node: PoolNode, x: TapeValue): TrainedNode {
  const value = tape.value(1, node.width)
  if (node.how === 'flatten') return flatten(tape, node, x, value)
  const bytes = tape.batch * x.stride
  const places = Array.from({ length: x.ticks }, (_, tick) => tick * bytes)
  if (node.how === 'maximum') {
    const parts = places.map((place) => ({ at: x.at + place, gradAt: x.gradAt + place }))
    return maximumOf(tape, value, bytes, parts)
  }
  const factor = 1 / x.ticks
  return {
    value,
    forward(kernels) {
      kernels.clear(value.at, bytes)
      for (const place of places) kernels.addScaled(bytes, factor, x.at + place, value.at)
    },
    backward(kernels) {
      for (const place of places) kernels.addScaled(bytes, factor, value.gradAt, x.gradAt + place)
    },
  }
}

/** The largest of several values in each place; where they are equal they share the gradient, as in PyTorch's `amax`. */
export function maximumOf(
  tape: Tape,
  value: TapeValue,
  bytes: number,
  parts: readonly { readonly at: number; readonly gradAt: number }[],
): TrainedNode {
  const count = tape.image.reserve(bytes)
  return {
    value,
    forward(kernels) {
      kernels.move(bytes, parts[0]!.at, value.at)
      for (const { at } of parts) kernels.maximum(1, 0, 0, at, value.at, value.at, bytes)
    },
    backward(kernels) {
      kernels.clear(count, bytes)
      for (const { at } of parts) kernels.countEqual(bytes, at, value.at, count)
      for (const { at, gradAt } of parts) kernels.shareEqual(bytes, at, value.at, count, value.gradAt, gradAt)
    },
  }
}

function flatten(tape: Tape, node: PoolNode, x: TapeValue, value: TapeValue): TrainedNode {
  const given = x.ticks * x.width
  assert(
    given === node.width,
    `${node.label} lays ${x.ticks} ticks side by side: ${given} features, but the model is made for ${node.width}`,
  )
  const { batch } = tape
  const tickBytes = batch * x.stride
  return {
    value,
    forward(kernels) {
      for (let tick = 0; tick < x.ticks; tick++) {
        const to = value.at + tick * x.width * 4
        kernels.copyColumns(batch, x.width, x.at + tick * tickBytes, x.stride, to, value.stride)
      }
    },
    backward(kernels) {
      for (let tick = 0; tick < x.ticks; tick++) {
        const from = value.gradAt + tick * x.width * 4
        kernels.addColumns(batch, x.width, from, value.stride, x.gradAt + tick * tickBytes, x.stride)
      }
    },
  }
}

/** One vector for every tick of the input, or for `ticks` ticks. */
export function trainRepeat(tape: Tape, node: RepeatNode, x: TapeValue): TrainedNode {
  const ticks = node.ticks === 0 ? tape.ticks : node.ticks
  const value = tape.value(ticks, node.width)
  const bytes = tape.batch * x.stride
  return {
    value,
    forward(kernels) {
      for (let tick = 0; tick < ticks; tick++) kernels.move(bytes, x.at, value.at + tick * bytes)
    },
    backward(kernels) {
      for (let tick = 0; tick < ticks; tick++) kernels.addScaled(bytes, 1, value.gradAt + tick * bytes, x.gradAt)
    },
  }
}
