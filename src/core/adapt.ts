import type { Adaptation } from '../domain/sensor.ts'
import { AlarmPhase } from './alarm.ts'
import { alarmColumns as A, C } from './columns.ts'
import { runningScale } from './errors.ts'
import { recipe } from './recipe.ts'
import type { Residual } from './residual.ts'
import { limitFloor } from './threshold.ts'

/** What a sensor adapts, as its column holds it: bit 1 the scale, bit 2 the readout; none in the learning spell. */
export const adaptCodes: Readonly<Record<Adaptation, number>> = { none: 0, scale: 1, readout: 2, both: 3 }

/** Begins anew: how widely the sensor spreads is that of FIT, its centre that of FIT, and the readout is the model's. */
export function startAdapting(f: Float64Array, at: number): void {
  const unit = f[at + C.unit]!
  const spread = f[at + C.squares]! / f[at + C.learned]! / (unit * unit)
  f[at + C.spreadThen] = spread
  f[at + C.spread] = spread
  f[at + C.shift] = 0
  f.fill(0, at + C.readout, at + C.readout + 3)
}

/**
 * The reading that the network is shown: `v` as if the sensor had not moved since its scale was learned.
 *
 * Errors, limits and the kept forecasts stay in the learned scale; so a scale that follows converts nothing that is kept,
 * and what counts as an anomaly is the same in engineering units as before.
 */
export function shownValue(f: Float64Array, at: number, v: number): number {
  return (f[at + C.adapts]! & 1) === 0 ? v : center(f, at) + (v - center(f, at) - f[at + C.shift]!) / gain(f, at)
}

/** Centre of FIT in scaled units: 0 but for a scale that the model declared. */
function center(f: Float64Array, at: number): number {
  return (f[at + C.mean]! - f[at + C.center]!) / f[at + C.unit]!
}

/** How many times wider the sensor spreads than it did in FIT. */
function gain(f: Float64Array, at: number): number {
  const floor = limitFloor(f, at) * limitFloor(f, at)
  const ratio = Math.sqrt((f[at + C.spread]! + floor) / (f[at + C.spreadThen]! + floor))
  return Math.min(Math.max(ratio, 1 / recipe.gainMax), recipe.gainMax)
}

/**
 * Brings what the network said of the value it was shown back into the learned scale, and corrects the readout:
 * forecast h = said·(1 + w1) + w0·s + w2·(last error), s the running scale of the error; the trend w0·s counts h times
 * for a model of changes. Keeps the regressors, from which the next reading learns.
 *
 * Shapes: one row of forecasts in `y` from `yAt` on, changed in place, one a horizon; scaled units.
 */
export function adaptForecast(
  f: Float64Array,
  at: number,
  y: Float32Array,
  yAt: number,
  horizons: number,
  isLevel: boolean,
): void {
  const code = f[at + C.adapts]!
  if ((code & 1) !== 0) {
    const wider = gain(f, at)
    const moved = isLevel ? center(f, at) * (1 - wider) + f[at + C.shift]! : 0
    for (let h = 0; h < horizons; h++) y[yAt + h] = wider * y[yAt + h]! + moved
  }
  f[at + C.said] = y[yAt]!
  if ((code & 2) === 0) return
  const trend = f[at + C.readout]! * runningScale(f, at)
  const factor = 1 + f[at + C.readout + 1]!
  const last = f[at + C.readout + 2]! * f[at + C.surprise]!
  for (let h = 0; h < horizons; h++) y[yAt + h] = factor * y[yAt + h]! + (isLevel ? 1 : h + 1) * trend + last
}

/**
 * Learns from a scored reading what the sensor's setting lets it, and only from a good one of a calm sensor.
 *
 * Works when: a sensor ages or moves slowly, or a shared network does not quite fit it. Fails when: the slow drift is the
 * fault; then it is learned away, as anything too small to disturb the sensor's calm is. So the setting is off by default.
 * `learns`: the quality is good. Call before the running scale follows this reading: the regressors were made with it.
 */
export function adapt(f: Float64Array, at: number, residual: Residual, strain: number, learns: boolean): void {
  const error = residual.first
  const most = recipe.errorMost * runningScale(f, at)
  const held = Number.isNaN(error) ? 0 : error > most ? most : error < -most ? -most : error
  if (learns && isCalm(f, at, strain)) {
    const code = f[at + C.adapts]!
    if ((code & 1) !== 0) followScale(f, at, residual.v)
    if ((code & 2) !== 0 && !Number.isNaN(error)) learnReadout(f, at, held)
  }
  f[at + C.surprise] = held
}

/** Neither error is at its limit, nothing is novel, no alarm stands or rests, and the session is no new one. */
function isCalm(f: Float64Array, at: number, strain: number): boolean {
  const isQuiet =
    f[at + C.process + A.state] === AlarmPhase.normal &&
    f[at + C.instrument + A.state] === AlarmPhase.normal &&
    f[at + C.sessionRows]! >= recipe.sessionRows
  return isQuiet && strain < recipe.calmBelow
}

/** Moves centre and spread by a bounded step: a reading counts at most three deviations. */
function followScale(f: Float64Array, at: number, v: number): void {
  const floor = limitFloor(f, at) * limitFloor(f, at)
  const off = v - center(f, at) - f[at + C.shift]!
  const squareMost = 9 * (f[at + C.spread]! + floor)
  const most = Math.sqrt(squareMost)
  const held = off > most ? most : off < -most ? -most : off
  f[at + C.shift] = f[at + C.shift]! + recipe.adaptWeight * held
  f[at + C.spread] = f[at + C.spread]! + recipe.adaptWeight * (Math.min(off * off, squareMost) - f[at + C.spread]!)
}

/** Normalised least mean squares on the regressors of the forecast that this error is of; weights are held in a box. */
function learnReadout(f: Float64Array, at: number, error: number): void {
  const s = runningScale(f, at)
  const said = f[at + C.said]!
  const last = f[at + C.surprise]!
  const rate = (recipe.readoutRate * error) / (s * s + said * said + last * last)
  stepWeight(f, at + C.readout, rate * s, recipe.trendMost)
  stepWeight(f, at + C.readout + 1, rate * said, recipe.weightMost)
  stepWeight(f, at + C.readout + 2, rate * last, recipe.weightMost)
}

function stepWeight(f: Float64Array, at: number, step: number, most: number): void {
  const weight = f[at]! + step
  f[at] = weight > most ? most : weight < -most ? -most : weight
}
