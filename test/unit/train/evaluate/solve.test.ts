import { describe, expect, it } from 'vitest'
import { NormalEquations } from '../../../../src/train/evaluate/solve.ts'

/** y = 2·a − 3·b + 0.5·c + what no input tells. */
const rows = [
  [1, 0, 2, 3],
  [0, 1, 1, -2.5],
  [2, 1, 0, 1],
  [1, 3, 1, -6.5],
  [4, 2, 2, 3],
] as const

function equationsOf(width: number): NormalEquations {
  const equations = new NormalEquations(width)
  for (const row of rows) equations.add(Float64Array.from(row.slice(0, width)), row[3])
  return equations
}

/** Squared error of the least-squares solution with the first `width` inputs, row by row. */
function errorOf(width: number): number {
  const solution = equationsOf(width).solve()!
  return rows.reduce((sum, row) => {
    const said = solution.reduce((total, weight, k) => total + weight * row[k]!, 0)
    return sum + (row[3] - said) ** 2
  }, 0)
}

describe('NormalEquations', () => {
  it('finds the coefficients that made the rows', () => {
    const solution = equationsOf(3).solve()!
    // A few roundings of a well-conditioned 3×3 system.
    expect(solution[0]).toBeCloseTo(2, 12)
    expect(solution[1]).toBeCloseTo(-3, 12)
    expect(solution[2]).toBeCloseTo(0.5, 12)
  })
  it('tells the squared error by the number of inputs from one factorisation', () => {
    const errors = equationsOf(3).errorsByWidth()
    expect(errors).toHaveLength(3)
    for (const width of [1, 2, 3]) expect(errors[width - 1]).toBeCloseTo(errorOf(width), 10)
  })
  it('solves several problems of the same inputs as it would each alone', () => {
    const both = new NormalEquations(3, 2)
    const other = new NormalEquations(3)
    for (const row of rows) {
      both.add(Float64Array.from(row.slice(0, 3)), row[3], row[3] ** 2)
      other.add(Float64Array.from(row.slice(0, 3)), row[3] ** 2)
    }
    expect(both.solve(3, undefined, 0)).toEqual(equationsOf(3).solve())
    expect(both.solve(3, undefined, 1)).toEqual(other.solve())
  })
  it('solves for the first inputs alone', () => {
    expect(equationsOf(3).solve(2)).toEqual(equationsOf(2).solve())
  })
  it('draws the coefficients towards zero with something on the diagonal', () => {
    const equations = new NormalEquations(1)
    equations.add(Float64Array.of(2), 6)
    expect(equations.solve()).toEqual(Float64Array.of(3))
    // (x·y)/(x·x + λ) = 12/(4 + 2).
    expect(equations.solve(1, Float64Array.of(2))![0]).toBeCloseTo(2, 14)
  })
  it('gives no answer where an input is a sum of those before it', () => {
    const equations = new NormalEquations(3)
    for (const [a, b] of [
      [1, 2],
      [3, 1],
      [2, 2],
    ] as const) {
      equations.add(Float64Array.of(a, b, a + b), a)
    }
    expect(equations.solve()).toBeNull()
    expect(equations.errorsByWidth()).toHaveLength(2)
    expect(equations.solve(2)![0]).toBeCloseTo(1, 12)
  })
})
