import { OperatingError } from '../../base/errors.ts'
import type { Tensor } from '../../model/tensor.ts'

/** A tensor of a shape from numbers in row-major order. */
export function tensorOf(shape: readonly number[], data: ArrayLike<number>): Tensor {
  return { shape, data: Float32Array.from(data) }
}

/** n numbers, all the same. */
export function filled(n: number, value: number): Tensor {
  return { shape: [n], data: new Float32Array(n).fill(value) }
}

/** The n × n identity. */
export function identity(n: number): Tensor {
  const data = new Float32Array(n * n)
  for (let i = 0; i < n; i++) data[i * n + i] = 1
  return { shape: [n, n], data }
}

/** A matrix (M,N) as (N,M). */
export function transposed({ shape, data }: Tensor): Tensor {
  const [rows, columns] = [shape[0]!, shape[1]!]
  const out = new Float32Array(data.length)
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = data[r * columns + c]!
  return { shape: [columns, rows], data: out }
}

/**
 * Blocks of rows (gates) in another order: block k of the result is block `order[k]`.
 *
 * Shapes: (G·H,N) or (G·H), G being the length of `order`.
 */
export function reordered({ shape, data }: Tensor, order: readonly number[]): Tensor {
  const block = data.length / order.length
  const out = new Float32Array(data.length)
  for (const [to, from] of order.entries()) out.set(data.subarray(from * block, (from + 1) * block), to * block)
  return { shape, data: out }
}

/** Part `index` of a tensor along its first dimension, without that dimension. */
export function partOf({ shape, data }: Tensor, index: number): Tensor {
  const rest = shape.slice(1)
  const size = rest.reduce((product, n) => product * n, 1)
  return { shape: rest, data: data.slice(index * size, (index + 1) * size) }
}

/** Errors: `OperatingError('model')` when the shape is another one. */
export function expectShape(label: string, what: string, tensor: Tensor | undefined, shape: readonly number[]): Tensor {
  if (tensor === undefined) throw new OperatingError('model', `${label}: the file has no ${what}`)
  if (tensor.shape.join() === shape.join()) return tensor
  throw new OperatingError('model', `${label}: ${what} is [${tensor.shape}] in the file, it should be [${shape}]`)
}
