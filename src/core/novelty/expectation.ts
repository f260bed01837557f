import { novelty } from './constants.ts'
import { N } from './layout.ts'

/** What was expected of a reading, and between which bounds 99 in 100 readings lie; sensor's unit. */
export interface Expectation {
  expected: number
  half: number
  /** Share of the network in it, 0 … 1. */
  gate: number
}

/**
 * EXPECTED: the sensor's own linear expectation, corrected by the network as far as that has lowered the error lately.
 *
 * gate = clip(⟨error, d⟩ / ⟨d, d⟩, 0, 1), d the network's forecast less the linear one, over some five hundred readings; below a tenth
 * the network is not heard. Both sums are of scaled terms, held, so that one reading of 10⁹ does not open or close it.
 * The band is a factor times the running size of the error; the factor goes up by a tenth when a reading lies outside and down
 * a thousandth when it lies inside, so that one in a hundred lies outside. Reads, then learns from `value`.
 *
 * `linear`, `network` (NaN: none), `value` in the sensor's unit; `scale`: running scale of the linear error.
 */
export function expect(
  f: Float64Array,
  at: number,
  value: number,
  linear: number,
  network: number,
  scale: number,
  out: Expectation,
): void {
  const isNew = f[at + N.band] === 0
  if (isNew) f[at + N.band] = novelty.bandFirst
  const gate = Number.isNaN(network) ? 0 : gateOf(f, at)
  out.gate = gate
  out.expected = gate === 0 ? linear : linear + gate * (network - linear)
  const error = Math.abs(value - out.expected)
  if (isNew) f[at + N.size] = scale
  const size = Math.max(f[at + N.size]!, novelty.sizeLeast * f[at + N.deviation]!)
  out.half = f[at + N.band]! * size
  const step = novelty.bandStep * (error > out.half ? novelty.bandShare : novelty.bandShare - 1)
  f[at + N.band] = Math.min(Math.max(f[at + N.band]! * (1 + step), 1), novelty.bandMost)
  f[at + N.size] = size + novelty.sizeWeight * (Math.min(error, novelty.sizeErrorsMost * size) - size)
  if (!Number.isNaN(network)) learnGate(f, at, (value - linear) / scale, (network - linear) / scale)
}

function gateOf(f: Float64Array, at: number): number {
  const square = f[at + N.gateSquare]!
  const gate = square > 0 ? Math.min(f[at + N.gateCross]! / square, 1) : 0
  return gate < novelty.gateLeast ? 0 : gate
}

function learnGate(f: Float64Array, at: number, error: number, difference: number): void {
  const [e, d] = [held(error), held(difference)]
  f[at + N.gateCross] = f[at + N.gateCross]! + novelty.gateWeight * (e * d - f[at + N.gateCross]!)
  f[at + N.gateSquare] = f[at + N.gateSquare]! + novelty.gateWeight * (d * d - f[at + N.gateSquare]!)
}

function held(scaled: number): number {
  const most = novelty.gateErrorsMost
  return scaled > most ? most : scaled < -most ? -most : scaled
}
