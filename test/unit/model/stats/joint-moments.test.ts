import { describe, expect, it } from 'vitest'
import { factor, solveLower, solveUpper } from '../../../../src/model/stats/cholesky.ts'
import { ledoitWolf } from '../../../../src/model/stats/ledoit-wolf.ts'
import { Mahalanobis } from '../../../../src/model/stats/mahalanobis.ts'
import { ridgeAdd, ridgeSums, ridgeUnion, ridgeWeights, ridgeWithout } from '../../../../src/model/stats/ridge.ts'

/** The numbers of a Lehmer generator in 0…1, as the script that asked scikit-learn drew them. */
function draw(count: number): number[] {
  let state = 1
  return Array.from({ length: count }, () => {
    state = (state * 16_807) % 2_147_483_647
    return state / 2_147_483_647
  })
}

const uniform = draw(48)
const rows = Float64Array.from(uniform)
for (let row = 0; row < 12; row++) {
  rows[4 * row + 1] = rows[4 * row + 1]! + 2 * rows[4 * row]!
  rows[4 * row + 3] = rows[4 * row + 3]! - rows[4 * row + 2]!
}

/** scikit-learn: `ledoit_wolf(rows - rows.mean(0), assume_centered=True)`. */
const covariance = Float64Array.from(
  [
    [0.1006339952225761, 0.07160391125664504, -0.028182107334796435, 0.026326838385682155],
    [0.07160391125664504, 0.28328255662416396, -0.03426878794725608, 0.05021105171868919],
    [-0.028182107334796435, -0.03426878794725608, 0.1255272023571844, -0.06151589170775122],
    [0.026326838385682155, 0.05021105171868919, -0.06151589170775122, 0.16060877467481677],
  ].flat(),
)

function expectClose(found: ArrayLike<number>, wanted: ArrayLike<number>, digits = 12): void {
  expect(found.length).toBe(wanted.length)
  for (let at = 0; at < wanted.length; at++) expect(found[at]).toBeCloseTo(wanted[at]!, digits)
}

describe('the Cholesky factor', () => {
  it('solves what it was made of', () => {
    const l = covariance.slice()
    expect(factor(l, 4)).toBe(true)
    const b = Float64Array.of(1, -2, 3, 0.5)
    const x = b.slice()
    solveLower(l, 4, x)
    solveUpper(l, 4, x)
    const back = [0, 1, 2, 3].map((i) => [0, 1, 2, 3].reduce((sum, j) => sum + covariance[4 * i + j]! * x[j]!, 0))
    expectClose(back, b)
  })

  it('says so where the matrix is not positive definite', () => {
    expect(factor(Float64Array.of(1, 2, 2, 1), 2)).toBe(false)
  })
})

describe('Ledoit and Wolf’s covariance', () => {
  it('is that of scikit-learn', () => {
    const found = ledoitWolf(rows, 4)
    expect(found.shrinkage).toBeCloseTo(0.3809296188713023, 12)
    expectClose(found.covariance, covariance)
  })

  it('leaves a missing value out of its column’s sums only', () => {
    const holed = rows.slice()
    holed[4 * 5 + 1] = Number.NaN
    const without = Float64Array.from(rows.filter((_, at) => at % 4 !== 1))
    const found = ledoitWolf(holed, 4)
    const others = ledoitWolf(without, 3)
    const unshrunk = (moments: typeof found, p: number, i: number, j: number) =>
      moments.covariance[p * i + j]! / (1 - moments.shrinkage)
    expect(unshrunk(found, 4, 0, 2)).toBeCloseTo(unshrunk(others, 3, 0, 1), 12)
    expect(found.mean[0]).toBe(others.mean[0])
    const present = [...Array(12).keys()].filter((row) => row !== 5)
    const mean = present.reduce((sum, row) => sum + rows[4 * row + 1]!, 0) / 11
    expect(found.mean[1]).toBeCloseTo(mean, 12)
  })

  it('can be factored with fewer rows than columns', () => {
    const { covariance: wide, shrinkage } = ledoitWolf(Float64Array.from(draw(3 * 10)), 10)
    expect(shrinkage).toBeGreaterThan(0)
    expect(factor(wide, 10)).toBe(true)
  })
})

describe('ridge regression', () => {
  const centred = rows.slice()
  for (let column = 0; column < 4; column++) {
    const mean = [...Array(12).keys()].reduce((sum, row) => sum + rows[4 * row + column]!, 0) / 12
    for (let row = 0; row < 12; row++) centred[4 * row + column] = centred[4 * row + column]! - mean
  }
  const sumsOf = (from: number, to: number) => {
    const sums = ridgeSums(4, 2)
    for (let row = from; row < to; row++) {
      const x = Float64Array.of(1, ...uniform.slice(4 * row, 4 * row + 3))
      const y = Float64Array.of(centred[4 * row]! * 3 + uniform[4 * row + 2]!, centred[4 * row + 1]! - 1)
      ridgeAdd(sums, x, y)
    }
    return sums
  }

  it('is that of scikit-learn: the constant is not drawn towards zero', () => {
    expectClose(ridgeWeights(sumsOf(0, 12), 0.5), [
      ...[-0.3299053005108836, 1.3857126550045267, 0.1461941805273582, 0.14846400632138118],
      ...[-1.749175391009393, 1.0562659662005955, 0.7911098014737652, -0.25117840806537534],
    ])
  })

  it('of some rows is that of all without the others', () => {
    const [first, last] = [sumsOf(0, 8), sumsOf(8, 12)]
    const rest = ridgeWithout(ridgeUnion([first, last]), last)
    expect(rest.rows).toBe(8)
    expectClose(ridgeWeights(rest, 2), ridgeWeights(first, 2))
  })
})

describe('the Mahalanobis distance', () => {
  const difference = Float64Array.of(1, -0.5, 0.25, 0.1)

  it('is that of NumPy', () => {
    expect(new Mahalanobis(covariance, 4).distance(difference)).toBeCloseTo(4.286331645102507, 12)
  })

  it('over the channels that are there uses their part of the covariance, whatever was asked before', () => {
    const holed = difference.slice()
    holed[1] = Number.NaN
    const mahalanobis = new Mahalanobis(covariance, 4)
    for (let again = 0; again < 2; again++) {
      expect(mahalanobis.distance(difference)).toBeCloseTo(4.286331645102507, 12)
      expect(mahalanobis.distance(holed)).toBeCloseTo(3.518232487181159 * Math.sqrt(4 / 3), 12)
    }
    expect(mahalanobis.distance(new Float64Array(4).fill(Number.NaN))).toBeNaN()
  })

  it('is shared out among the channels', () => {
    const shares = new Float64Array(4)
    const mahalanobis = new Mahalanobis(covariance, 4)
    mahalanobis.distance(difference)
    mahalanobis.shares(difference, shares)
    expectClose(shares, [0.7877735712890264, 0.14022652525385637, 0.06309043461610638, 0.00890946884101091])
    const holed = Float64Array.of(Number.NaN, 1, Number.NaN, 1)
    mahalanobis.distance(holed)
    mahalanobis.shares(holed, shares)
    expect(shares[0]).toBe(0)
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12)
  })

  it('under a covariance that cannot be factored is finite', () => {
    expect(new Mahalanobis(Float64Array.of(1, 1, 1, 1), 2).distance(Float64Array.of(1, 1))).toBeGreaterThan(0)
    expect(Number.isFinite(new Mahalanobis(new Float64Array(4), 2).distance(Float64Array.of(1, 1)))).toBe(true)
  })
})
