import type { Acceptance, Sensitivity } from '../../domain/sensor.ts'
import { judge, type Verdict } from './budget.ts'
import { novelty, streams } from './constants.ts'
import { symbolOf, takeSurprise } from './context.ts'
import { followsCycle, learnCycle, startCycle, usualInCycle } from './cycle.ts'
import { type Evidence, type Records, weigh } from './evidence.ts'
import { type Deviation, deviate, holds, startHold } from './hold.ts'
import { bufferOffsets, N, tableBytes, tableOffsets } from './layout.ts'
import { held, inRange, takeRange, takeSlow } from './level.ts'
import { takeRecord } from './record.ts'
import { type OwnResidual, startResidual, takeResidual } from './residual.ts'
import { fixScale, standardised } from './scale.ts'
import { learnWeek, type Moment, momentOf, usual } from './week.ts'
import { takeWindows, type WindowMeans } from './windows.ts'

/** What recipe U finds for one reading; one object, used again for every row. */
export interface Found extends Evidence, Verdict {
  /** What this hour of a sensor at this level usually looks like, and the running scale of the error; sensor's unit. */
  expected: number
  scale: number
  /** Which way the stream of the evidence went: −1, 1; 0 where it has no way. */
  sign: number
}

/**
 * Recipe U: a sensor that nobody trained for is judged by how new its readings are, without labels and without a model of it.
 *
 * scale → range → slow mean → week, cycle → residual → context → windows → records → evidence → budget, one file each.
 * Works when: faults are levels, drifts, spikes, bursts, or sequences that were never seen. Fails when: the fault is quiet (less
 * variance, stuck, a missing peak), which the instrument stage finds, or slower than the records decay.
 * Shapes: in `f`, N's columns from `at` on, and from `tables` on the room of `tableBytes` bytes, which it uses as such.
 */
export class Novelty {
  readonly #bytes: Uint8Array
  readonly #words: Uint16Array
  readonly #floats: Float32Array
  readonly #f: Float64Array
  readonly #sorted = new Float64Array(novelty.scaleRows)
  readonly #values = new Float64Array(novelty.scaleRows)
  readonly #minutes = new Uint16Array(novelty.scaleRows)
  readonly #deviation: Deviation = { reading: 0, mean: 0, slow: 0, followed: 0 }
  readonly #moment: Moment = { slot: 0, hour: 0, weekday: 0, isRest: false }
  readonly #own: OwnResidual = { predicted: 0, error: 0 }
  readonly #means: WindowMeans = { short: 0, long: 0, surprise: 0 }
  readonly #records: Records = { short: 0, long: 0, above: 0, below: 0, surprise: 0 }
  readonly found: Found = {
    e: 0,
    by: 'short',
    threshold: 0,
    isOver: false,
    unrested: 0,
    score: 0,
    expected: 0,
    scale: 0,
    sign: 0,
  }

  constructor(f: Float64Array) {
    this.#f = f
    this.#bytes = new Uint8Array(f.buffer)
    this.#words = new Uint16Array(f.buffer)
    this.#floats = new Float32Array(f.buffer)
  }

  /**
   * Takes a reading and writes what it finds into `found`; answers false while the scale is not known and nothing is found.
   *
   * `minute`: minute of the sensor's week as `weekMinute` writes it; `stepMs`: median distance of its readings, used once.
   */
  observe(
    at: number,
    tables: number,
    value: number,
    minute: number,
    stepMs: number,
    sensitivity: Sensitivity,
  ): boolean {
    const rows = this.#f[at + N.rows]!
    const from = 8 * tables
    if (rows >= novelty.scaleRows) {
      this.#step(at, from, value, minute, sensitivity)
      return true
    }
    this.#keep(at, from, rows, value, minute)
    if (rows + 1 === novelty.scaleRows) this.#replay(at, from, stepMs, sensitivity)
    return false
  }

  /** Whether the last reading is still as far off as one before it that was over the threshold; remembers it where it is one. */
  hold(at: number, timeMs: number, acceptance: Acceptance = usualAcceptance): boolean {
    const isHeld = holds(this.#f, at, timeMs, acceptance, this.#deviation)
    if (this.found.isOver && !isHeld) startHold(this.#f, at, this.found.by, timeMs, this.#deviation)
    return isHeld
  }

  /** Buffers a reading in the place of the tables: what it lies from the first, which the centre's column holds meanwhile. */
  #keep(at: number, from: number, rows: number, value: number, minute: number): void {
    const f = this.#f
    if (rows === 0) f[at + N.center] = value
    this.#floats[(from + bufferOffsets.values) / 4 + rows] = value - f[at + N.center]!
    this.#words[(from + bufferOffsets.minutes) / 2 + rows] = minute
    f[at + N.rows] = rows + 1
  }

  /** Fixes the scale from the buffered readings, empties their place, and takes them as if they came now. */
  #replay(at: number, from: number, stepMs: number, sensitivity: Sensitivity): void {
    const f = this.#f
    const first = f[at + N.center]!
    for (let row = 0; row < novelty.scaleRows; row++) {
      this.#values[row] = first + this.#floats[(from + bufferOffsets.values) / 4 + row]!
      this.#minutes[row] = this.#words[(from + bufferOffsets.minutes) / 2 + row]!
    }
    this.#sorted.set(this.#values)
    this.#sorted.sort()
    this.#bytes.fill(0, from, from + tableBytes)
    fixScale(f, at, this.#sorted, stepMs)
    startResidual(f, at)
    f.fill(1, at + N.tableErrors, at + N.tableErrors + 3)
    startCycle(f, at)
    f[at + N.rows] = 0
    for (let row = 0; row < novelty.scaleRows; row++) {
      this.#step(at, from, this.#values[row]!, this.#minutes[row]!, sensitivity)
    }
  }

  /** One reading through all stages. */
  #step(at: number, from: number, value: number, minute: number, sensitivity: Sensitivity): void {
    const f = this.#f
    const found = this.found
    const y = held(f, at, standardised(f, at, value))
    const range = takeRange(f, at, y)
    const slow = takeSlow(f, at, y)
    momentOf(minute, f[at + N.slots]!, this.#moment)
    const week = (from + tableOffsets.week) / 2
    const habit = usual(f, at, this.#words, week, this.#moment)
    const cycle = (from + tableOffsets.cycle) / 2
    const inCycle = usualInCycle(f, at, this.#words, cycle)
    const known = !Number.isNaN(inCycle) && followsCycle(f, at) ? inCycle : habit
    takeResidual(f, at, y, slow, Number.isNaN(known) ? slow : known, this.#own)
    learnCycle(f, at, this.#words, cycle, inRange(f, at, y), inCycle, Number.isNaN(habit) ? slow : habit)
    learnWeek(f, at, this.#words, week, this.#moment, inRange(f, at, y))
    const surprise = takeSurprise(f, at, this.#bytes, from, this.#moment.hour, symbolOf(f, at, y))
    takeWindows(f, at, this.#floats, from / 4, this.#own.error, surprise, this.#means)
    deviate(f, at, y, slow, known, this.#own, this.#means.short, this.#deviation)
    this.#compare(at, y, range)
    weigh(this.#records, found)
    const isReady = f[at + N.rows]! >= novelty.scaleRows
    if (isReady) judge(f, at, found.e, novelty.theta[sensitivity], ageMost(sensitivity), found)
    f[at + N.rows] = f[at + N.rows]! + 1
    found.sign = this.#sign()
    found.expected = f[at + N.center]! + f[at + N.deviation]! * this.#own.predicted
    found.scale = f[at + N.deviation]! * f[at + N.scale]!
  }

  /** Holds every stream against its record. */
  #compare(at: number, y: number, range: number): void {
    const f = this.#f
    const means = this.#means
    const records = this.#records
    records.short = takeRecord(f, at, at + N.short, streams.short, Math.abs(means.short), range)
    records.long = takeRecord(f, at, at + N.long, streams.long, Math.abs(means.long), range)
    records.above = takeRecord(f, at, at + N.above, streams.above, y, range)
    records.below = takeRecord(f, at, at + N.below, streams.below, -y, range)
    records.surprise = takeRecord(f, at, at + N.surprise, streams.surprise, means.surprise, range)
  }

  #sign(): number {
    const { by } = this.found
    if (by === 'surprise') return 0
    if (by === 'above' || by === 'below') return by === 'above' ? 1 : -1
    return Math.sign(by === 'short' ? this.#means.short : this.#means.long)
  }
}

const usualAcceptance: Acceptance = { rows: novelty.holdRows, ms: Infinity }

/** Where a sensor's age stands still: nowhere for the sensitivity that benchmarks want. */
function ageMost(sensitivity: Sensitivity): number {
  return sensitivity === 'high' ? Infinity : novelty.ageMost
}
