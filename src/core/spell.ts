import { ConfigurationError } from '../base/errors.ts'
import { Quality } from '../domain/quality.ts'
import type { Sensitivity } from '../domain/sensor.ts'
import { C, Phase, Recipe } from './columns.ts'
import { novelty } from './novelty/constants.ts'
import { recipe } from './recipe.ts'

/** Calibration rows with errors that a spell bounded by time needs before it may end. */
const calibrationRowsMin = 50
/** Fitting rows alike. */
const fitRowsMin = 150

/** Rows known to be normal: by number, of which the first `fitRows` (default three quarters) fit the scale; or by event time. */
export interface LearnOptions {
  readonly rows?: number
  readonly fitRows?: number
  readonly untilMs?: number
}

/**
 * The learning spell: which rows are learned from, and when fitting and calibrating end.
 *
 * `rows`: FIT is the first three quarters of N learned rows. `untilMs`: N is unknown, so FIT is the first three quarters
 * of the *time* from the sensor's first reading to then, with at least 150 rows and 50 more for CAL; a sensor first
 * seen after `untilMs` warms up as if nothing had been said. Without either: 500 rows of warm-up, 200 for a
 * sensor that recipe U judges with high sensitivity.
 */
export class Spell {
  readonly #rows: number
  readonly #fitRows: number
  readonly #untilMs: number
  readonly #declared: boolean

  /** Errors: `ConfigurationError` for fewer learning rows than mean anything. */
  constructor(learn: LearnOptions | undefined) {
    const rows = learn?.rows
    if (rows !== undefined && !(Number.isInteger(rows) && rows >= recipe.learnRowsMin)) {
      const expected = `a whole number of at least ${recipe.learnRowsMin}`
      throw new ConfigurationError([{ path: '--learn-rows', value: rows, expected }])
    }
    this.#rows = rows ?? recipe.warmupRows
    this.#fitRows = learn?.fitRows ?? Math.floor(recipe.fitShare * this.#rows)
    this.#untilMs = rows === undefined ? (learn?.untilMs ?? Number.NEGATIVE_INFINITY) : Number.NEGATIVE_INFINITY
    this.#declared = rows !== undefined
  }

  /** Whether this sensor's spell ends by event time. */
  #timed(f: Float64Array, at: number): boolean {
    return this.#untilMs !== Number.NEGATIVE_INFINITY && f[at + C.learned]! > 0 && f[at + C.firstMs]! < this.#untilMs
  }

  /** Begins a sensor's life with its first reading: which recipe judges it, and how long it learns. */
  begin(f: Float64Array, at: number, timeMs: number, isTrained: boolean, sensitivity: Sensitivity): void {
    const isNovel = !isTrained && !this.isDeclared(timeMs)
    f[at + C.firstMs] = timeMs
    f[at + C.recipe] = isNovel ? Recipe.novelty : Recipe.trained
    f[at + C.spellRows] = isNovel && sensitivity === 'high' ? novelty.scaleRows : this.#rows
  }

  /** Rows of FIT in a spell of so many. */
  #fitRowsOf(rows: number): number {
    return rows === this.#rows ? this.#fitRows : Math.floor(recipe.fitShare * rows)
  }

  /** Whether FIT is complete after the rows learned so far, the newest of them at `timeMs`. */
  fitted(f: Float64Array, at: number, timeMs: number): boolean {
    const learned = f[at + C.learned]!
    if (!this.#timed(f, at)) return learned >= this.#fitRowsOf(f[at + C.spellRows]!)
    const first = f[at + C.firstMs]!
    return learned >= fitRowsMin && timeMs >= first + recipe.fitShare * (this.#untilMs - first)
  }

  /** Whether CAL is complete after the rows learned so far. */
  calibrated(f: Float64Array, at: number): boolean {
    return !this.#timed(f, at) && f[at + C.learned]! >= f[at + C.spellRows]!
  }

  /** Whether CAL is complete because a reading of `timeMs` has come, which is then scored. */
  calibratedBefore(f: Float64Array, at: number, timeMs: number): boolean {
    return this.#timed(f, at) && timeMs >= this.#untilMs && f[at + C.errorRows]! >= calibrationRowsMin
  }

  /** The same of a sensor that is only watched, and so has no errors. */
  watchedBefore(f: Float64Array, at: number, timeMs: number): boolean {
    const enough = f[at + C.learned]! >= fitRowsMin + calibrationRowsMin
    return this.#timed(f, at) && timeMs >= this.#untilMs && f[at + C.phase] === Phase.calibrate && enough
  }

  /** Whether somebody said that a reading of this time is normal: then a sensor learns, whatever its model knows of it. */
  isDeclared(timeMs: number): boolean {
    return this.#declared || timeMs < this.#untilMs
  }

  /** `learning` for rows that were declared normal, else `warmup`. */
  quality(timeMs: number): number {
    return this.isDeclared(timeMs) ? Quality.learning : Quality.warmup
  }

  /** Readings learned and needed; for a spell that ends by time, estimated from the rate so far. */
  progress(f: Float64Array, at: number): { seen: number; needed: number } | null {
    if (f[at + C.phase] === Phase.score) return null
    const seen = f[at + C.learned]!
    if (!this.#timed(f, at)) return { seen, needed: f[at + C.spellRows]! || this.#rows }
    const first = f[at + C.firstMs]!
    const elapsed = f[at + C.newestMs]! - first
    const whole = elapsed > 0 ? Math.ceil((seen * (this.#untilMs - first)) / elapsed) : 0
    return { seen, needed: Math.max(whole, seen + 1, fitRowsMin + calibrationRowsMin) }
  }
}
