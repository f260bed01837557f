import type { DropoutNode } from '../graph.ts'
import { writeMask } from './mask.ts'
import type { Tape, TapeValue, TrainedNode } from './tape.ts'

/**
 * A value times its mask, and back the gradient times the same; where nothing is dropped, the value itself.
 *
 * A `whole` mask is drawn for the first tick and repeated for the others.
 */
export function trainDropout(tape: Tape, node: DropoutNode, x: TapeValue): TrainedNode {
  const value = tape.value(x.ticks, node.width)
  const rows = tape.rows(value)
  const { width, stride } = value
  const bytes = rows * stride
  const mask = tape.image.reserve(bytes)
  const drawn = node.whole ? tape.batch : rows
  const shape = { at: mask / 4, rows: drawn, width, stride: stride / 4 }
  let isOn = false
  return {
    value,
    drops: {
      packed: [],
      draw(memory, key) {
        writeMask(memory, key, node.p, shape)
        const floats = (drawn * stride) / 4
        const first = memory.subarray(shape.at, shape.at + floats)
        for (let at = floats; at < bytes / 4; at += floats) memory.set(first, shape.at + at)
        isOn = true
      },
      off() {
        isOn = false
      },
    },
    forward(kernels) {
      if (isOn) kernels.multiply(1, 0, 0, x.at, mask, value.at, bytes)
      else kernels.move(bytes, x.at, value.at)
    },
    backward(kernels) {
      // Nobody reads this gradient again, so it is multiplied where it lies.
      if (isOn) kernels.multiply(1, 0, 0, value.gradAt, mask, value.gradAt, bytes)
      kernels.addScaled(bytes, 1, value.gradAt, x.gradAt)
    },
  }
}
