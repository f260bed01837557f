import { assert } from '../../base/assert.ts'
import type { MergeNode } from '../graph.ts'
import type { Tape, TapeValue, TrainedNode } from './tape.ts'
import { maximumOf } from './ticks.ts'

/** Sum, product, mean, maximum, or all side by side. */
export function trainMerge(tape: Tape, node: MergeNode, inputs: readonly TapeValue[]): TrainedNode {
  const { ticks } = inputs[0]!
  for (const x of inputs) assert(x.ticks === ticks, `${node.label} joins ${ticks} and ${x.ticks} ticks`)
  const value = tape.value(ticks, node.width)
  const bytes = tape.rows(value) * value.stride
  switch (node.how) {
    case 'concat':
      return concat(tape, value, inputs)
    case 'maximum':
      return maximumOf(tape, value, bytes, inputs)
    case 'multiply':
      return multiply(tape, value, bytes, inputs)
    default:
      return sum(value, bytes, inputs, node.how === 'average' ? 1 / inputs.length : 1)
  }
}

function concat(tape: Tape, value: TapeValue, inputs: readonly TapeValue[]): TrainedNode {
  const rows = tape.rows(value)
  let at = 0
  const parts = inputs.map((x) => {
    const part = { x, at }
    at += x.width * 4
    return part
  })
  return {
    value,
    forward(kernels) {
      for (const { x, at } of parts) kernels.copyColumns(rows, x.width, x.at, x.stride, value.at + at, value.stride)
    },
    backward(kernels) {
      for (const { x, at } of parts)
        kernels.addColumns(rows, x.width, value.gradAt + at, value.stride, x.gradAt, x.stride)
    },
  }
}

function sum(value: TapeValue, bytes: number, inputs: readonly TapeValue[], factor: number): TrainedNode {
  return {
    value,
    forward(kernels) {
      kernels.clear(value.at, bytes)
      for (const x of inputs) kernels.addScaled(bytes, factor, x.at, value.at)
    },
    backward(kernels) {
      for (const x of inputs) kernels.addScaled(bytes, factor, value.gradAt, x.gradAt)
    },
  }
}

/** Going back, the product of dy and all inputs but one is the gradient of that one. */
function multiply(tape: Tape, value: TapeValue, bytes: number, inputs: readonly TapeValue[]): TrainedNode {
  const room = tape.image.reserve(bytes)
  return {
    value,
    forward(kernels) {
      kernels.move(bytes, inputs[0]!.at, value.at)
      for (const x of inputs.slice(1)) kernels.multiply(1, 0, 0, value.at, x.at, value.at, bytes)
    },
    backward(kernels) {
      for (const [place, x] of inputs.entries()) {
        kernels.move(bytes, value.gradAt, room)
        for (const [other, { at }] of inputs.entries()) {
          if (other !== place) kernels.multiply(1, 0, 0, room, at, room, bytes)
        }
        kernels.addScaled(bytes, 1, room, x.gradAt)
      }
    },
  }
}
