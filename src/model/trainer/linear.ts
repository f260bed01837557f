import type { LinearNode } from '../graph.ts'
import type { Tape, TapeValue, TrainedNode } from './tape.ts'
import { Product } from './tape-product.ts'

/** A product of a node's own rows: y = W x + b forward, dW, db and dx back. */
export function linearPass(
  tape: Tape,
  spec: { readonly weight: string; readonly bias: string | null; readonly firstRows?: readonly number[] },
  x: TapeValue,
  value: TapeValue,
): { readonly product: Product; readonly forward: TrainedNode['forward']; readonly backward: TrainedNode['backward'] } {
  const rows = tape.rows(value)
  const firstRows = spec.firstRows ?? [0]
  // Several runs of rows of the matrix each begin at a panel of their own.
  const size = value.stride / 4 / firstRows.length
  const width = firstRows.length > 1 ? firstRows[1]! : value.width
  const product = new Product(tape, {
    weight: spec.weight,
    k: x.width,
    blocks: firstRows.map((from, place) => ({ at: place * size, rows: width, from, scale: 1 })),
    columns: value.stride / 4,
    bias: spec.bias,
  })
  return {
    product,
    forward: (kernels) => product.forward(kernels, rows, x.at, x.stride, value.at, value.stride),
    backward(kernels) {
      product.accumulate(kernels, rows, x.at, x.stride, value.gradAt, value.stride)
      if (x.gradAt !== 0) product.backwardOnto(kernels, rows, value.gradAt, value.stride, x.gradAt, x.stride)
    },
  }
}

/** y = W x + b on every row. */
export function trainLinear(tape: Tape, node: LinearNode, x: TapeValue): TrainedNode {
  const value = tape.value(x.ticks, node.width)
  const { product, forward, backward } = linearPass(tape, node, x, value)
  return { value, packed: [product], forward, backward }
}
