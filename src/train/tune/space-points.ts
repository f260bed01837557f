import { ConfigurationError } from '../../base/errors.ts'
import { exp, log } from '../../base/math.ts'
import { createPrng, type Prng } from '../../base/prng.ts'
import type { Assignment, Dimension, Range } from './search-space.ts'

/** Points of a grid, at most: nobody waits for more. */
const gridPointsMax = 100_000
/** Draws in a row that were had before, after which a space counts as exhausted. */
const repeatedDrawsMax = 200

/** Points of a search space, one after the other: the same sequence each time. */
export type Points = Iterator<Assignment, undefined>

/**
 * Every combination, the last field fastest; a range has `points` values, spread evenly on its scale, ends included.
 *
 * Errors: `ConfigurationError` when there are more than 100,000.
 */
export function gridPoints(space: readonly Dimension[], points: number): Points {
  const values = space.map((one) => (one.kind === 'choices' ? one.values : spread(one, points)))
  const count = values.reduce((product, list) => product * list.length, 1)
  if (count > gridPointsMax) {
    const hint = 'vary fewer fields, give smaller --points, or --method asha'
    throw new ConfigurationError([
      { path: '--method', value: 'grid', expected: `${count} combinations; at most ${gridPointsMax}`, hint },
    ])
  }
  return combinations(space, values, count)
}

function* combinations(
  space: readonly Dimension[],
  values: readonly (readonly unknown[])[],
  count: number,
): Generator<Assignment, undefined> {
  for (let n = 0; n < count; n++) {
    let rest = n
    const chosen = values.map(() => 0)
    for (let at = values.length - 1; at >= 0; at--) {
      chosen[at] = rest % values[at]!.length
      rest = Math.floor(rest / values[at]!.length)
    }
    yield new Map(space.map(({ path }, at) => [path, values[at]![chosen[at]!]]))
  }
  return undefined
}

/** Values of a range, evenly on its scale; those that a step makes equal are one. */
function spread(range: Range, points: number): number[] {
  const count = Math.max(2, points)
  const values = Array.from({ length: count }, (_, n) => valueAt(range, n / (count - 1)))
  return [...new Set(values)]
}

/**
 * Random points that differ from each other; it ends where a space of few values is exhausted.
 *
 * The n-th point depends on the seed and the space alone, so that a search that was stopped finds its points again.
 */
export function* randomPoints(space: readonly Dimension[], seed: number): Generator<Assignment, undefined> {
  const random = createPrng(seed)
  const had = new Set<string>()
  for (let repeated = 0; repeated < repeatedDrawsMax; ) {
    const point = new Map(space.map((one) => [one.path, drawn(one, random)]))
    const key = JSON.stringify([...point])
    if (had.has(key)) {
      repeated++
      continue
    }
    had.add(key)
    repeated = 0
    yield point
  }
  return undefined
}

function drawn(dimension: Dimension, random: Prng): unknown {
  if (dimension.kind === 'choices') return dimension.values[random.integer(dimension.values.length)]
  const { from, to, step, scale } = dimension
  // Each value of a linear range of steps is as likely as any other; rounding would halve the chance of the ends.
  if (step !== null && scale === 'linear')
    return onStep(dimension, from + step * random.integer(stepsOf(dimension) + 1))
  return Math.min(to, valueAt(dimension, random.uniform()))
}

/** The value at a share of the way from one end to the other. */
function valueAt(range: Range, share: number): number {
  const { from, to, scale } = range
  if (share === 0) return from
  const value = scale === 'log' ? from * exp(share * log(to / from)) : from + share * (to - from)
  if (range.step !== null) return onStep(range, value)
  // Four digits are more than a loss can tell apart, and can be read and typed.
  return share === 1 ? to : Math.max(from, Math.min(to, Number(value.toPrecision(4))))
}

function onStep(range: Range, value: number): number {
  const { from, step } = range
  const steps = Math.min(stepsOf(range), Math.round((value - from) / step!))
  // Twelve digits take away what adding fractions leaves, such as 0.30000000000000004.
  return Number((from + steps * step!).toPrecision(12))
}

function stepsOf({ from, to, step }: Range): number {
  return Math.floor((to - from) / step! + 1e-9)
}
