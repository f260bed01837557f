import { factor, solveLower, solveUpper } from './cholesky.ts'

/** Sums over rows that a ridge regression is made of; sums of disjoint rows add up. */
export interface RidgeSums {
  readonly inputs: number
  readonly outputs: number
  rows: number
  /** Xᵀ·X (inputs, inputs), the lower triangle. */
  readonly gram: Float64Array
  /** Yᵀ·X (outputs, inputs). */
  readonly cross: Float64Array
}

/** Sums of no rows. Allocates: inputs · (inputs + outputs) numbers. */
export function ridgeSums(inputs: number, outputs: number): RidgeSums {
  const gram = new Float64Array(inputs * inputs)
  return { inputs, outputs, rows: 0, gram, cross: new Float64Array(outputs * inputs) }
}

/** Adds one row: what is known, x (inputs), and what is to be told from it, y (outputs). */
export function ridgeAdd(sums: RidgeSums, x: Float64Array, y: Float64Array): void {
  const { inputs, outputs, gram, cross } = sums
  sums.rows += 1
  for (let i = 0; i < inputs; i++) {
    const xi = x[i]!
    for (let j = 0; j <= i; j++) gram[i * inputs + j] = gram[i * inputs + j]! + xi * x[j]!
  }
  for (let o = 0; o < outputs; o++) {
    const yo = y[o]!
    for (let i = 0; i < inputs; i++) cross[o * inputs + i] = cross[o * inputs + i]! + yo * x[i]!
  }
}

/** The sums of `whole` without the rows of `part`. */
export function ridgeWithout(whole: RidgeSums, part: RidgeSums): RidgeSums {
  return {
    inputs: whole.inputs,
    outputs: whole.outputs,
    rows: whole.rows - part.rows,
    gram: whole.gram.map((sum, at) => sum - part.gram[at]!),
    cross: whole.cross.map((sum, at) => sum - part.cross[at]!),
  }
}

/** The sums of all rows of `parts`, which are at least one. */
export function ridgeUnion(parts: readonly RidgeSums[]): RidgeSums {
  const { inputs, outputs } = parts[0]!
  const union = ridgeSums(inputs, outputs)
  for (const { rows, gram, cross } of parts) {
    union.rows += rows
    for (let at = 0; at < gram.length; at++) union.gram[at] = union.gram[at]! + gram[at]!
    for (let at = 0; at < cross.length; at++) union.cross[at] = union.cross[at]! + cross[at]!
  }
  return union
}

/**
 * Weights of the ridge regressions of all outputs on the same inputs: (XᵀX + λ·I)⁻¹·XᵀY, input 0 (the constant) unpenalised.
 *
 * Works when `lambda` > 0 and there is at least one row. Shapes: answers (outputs, inputs).
 * Source: Hoerl and Kennard, Technometrics 12 (1970).
 */
export function ridgeWeights(sums: RidgeSums, lambda: number): Float64Array {
  const { inputs, outputs, cross } = sums
  const a = sums.gram.slice()
  for (let i = 1; i < inputs; i++) a[i * inputs + i] = a[i * inputs + i]! + lambda
  const weights = cross.slice()
  if (!factor(a, inputs)) return weights.fill(0)
  for (let o = 0; o < outputs; o++) {
    solveLower(a, inputs, weights, o * inputs)
    solveUpper(a, inputs, weights, o * inputs)
  }
  return weights
}
