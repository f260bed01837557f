import type { Arena } from './arena.ts'
import { C, horizonsMax, rowWidth } from './columns.ts'

/** What the residual stage finds for one reading, in scaled units; one object, used again for every row. */
export interface Residual {
  /** The reading, scaled; NaN-free and finite. */
  v: number
  /** Forecast of v made at the reading before; NaN when there is none. */
  predicted: number
  /** v − predicted; NaN when there is none or a session starts. */
  first: number
  /** Mean over the horizons of |v − forecast made h readings ago|; NaN alike. */
  mean: number
}

/** The largest scaled value that is carried: squares and differences of it stay finite. */
const scaledMax = 1e12

/** The reading in scaled units. */
export function scaled(f: Float64Array, at: number, value: number): number {
  const v = (value - f[at + C.center]!) / f[at + C.unit]!
  return v > scaledMax ? scaledMax : v < -scaledMax ? -scaledMax : v
}

/**
 * Compares a reading with the forecasts that were made of it: the residual stage. Changes nothing.
 *
 * E_h = v − (base + correction) of the forecast made h readings ago; after a gap only forecasts since the gap count.
 * Shapes: forecasts (H,H) of a slot, row = place in the ring, column h−1 = correction for horizon h.
 */
export function compare(arena: Arena, slot: number, horizons: number, value: number, out: Residual): void {
  const f = arena.f
  const at = slot * rowWidth
  const v = scaled(f, at, value)
  const next = f[at + C.next]!
  const valid = f[at + C.valid]!
  out.v = v
  out.predicted = f[at + C.predicts] === 1 ? forecast(arena, slot, horizons, (next + horizons - 1) % horizons, 1) : NaN
  out.first = valid > 0 ? v - out.predicted : NaN
  let sum = 0
  for (let h = 1; h <= valid; h++) {
    sum += Math.abs(v - forecast(arena, slot, horizons, (next + horizons - h) % horizons, h))
  }
  out.mean = valid > 0 ? sum / valid : NaN
}

function forecast(arena: Arena, slot: number, horizons: number, place: number, h: number): number {
  const correction = arena.forecasts[slot * arena.forecastWidth + place * horizons + h - 1]!
  return arena.f[slot * rowWidth + C.base + place]! + correction
}

/**
 * Keeps a new forecast: the base of a model of changes is the reading itself, held within one span of the range ever
 * seen, so that after a reading of 10⁹ the next expected value is at the edge of what the sensor knows and not 10⁹. A
 * model of levels has the base 0.
 */
export function keepForecast(
  arena: Arena,
  slot: number,
  horizons: number,
  v: number,
  isLevel: boolean,
  y: Float32Array,
  yAt: number,
): void {
  const f = arena.f
  const at = slot * rowWidth
  const place = f[at + C.next]!
  const span = f[at + C.span]!
  const low = scaled(f, at, f[at + C.nextLow]! - span)
  const high = scaled(f, at, f[at + C.nextHigh]! + span)
  f[at + C.base + place] = isLevel ? 0 : v < low ? low : v > high ? high : v
  const to = slot * arena.forecastWidth + place * horizons
  for (let h = 0; h < horizons; h++) arena.forecasts[to + h] = y[yAt + h]!
  f[at + C.next] = (place + 1) % horizons
  if (f[at + C.valid]! < Math.min(horizons, horizonsMax)) f[at + C.valid] = f[at + C.valid]! + 1
  f[at + C.predicts] = 1
}
