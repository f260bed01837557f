import { newMoment } from '../base/civil-calendar.ts'
import type { SensorSpec } from '../domain/sensor.ts'
import { p2Value } from '../model/stats/p2-quantile.ts'
import type { Arena } from './arena.ts'
import { C, Phase, rowWidth } from './columns.ts'
import { type Expectation, expect } from './novelty/expectation.ts'
import { type Found, Novelty } from './novelty/novelty.ts'
import { weekMinute } from './novelty/week.ts'
import { recipe } from './recipe.ts'
import type { Verdict } from './verdict.ts'

/** Recipe U on the arena's rows: what a sensor is judged by for which nobody trained a model and nobody declared normal rows. */
export class NoveltyJudge {
  readonly #f: Float64Array
  readonly #novelty: Novelty
  readonly #expectation: Expectation = { expected: 0, half: 0, gate: 0 }
  readonly #moment = newMoment()

  constructor(arena: Arena) {
    this.#f = arena.f
    this.#novelty = new Novelty(arena.f)
  }

  /** What was found of the last reading. */
  get found(): Found {
    return this.#novelty.found
  }

  /** Takes a reading in. */
  observe(slot: number, timeMs: number, value: number, { calendar, sensitivity }: SensorSpec): void {
    const f = this.#f
    const at = slot * rowWidth
    const isFitting = f[at + C.phase] === Phase.fit
    const stepMs = isFitting ? p2Value(f, at + C.sketchFast, 0.5) || 0 : f[at + C.medianStepMs]!
    calendar.locate(timeMs, this.#moment)
    this.#novelty.observe(at + C.novelty, at + C.blocks, value, weekMinute(this.#moment), stepMs, sensitivity)
  }

  /** Judges a reading; `predicted` is the network's forecast of it in the sensor's unit, NaN where there is none. */
  score(slot: number, timeMs: number, value: number, predicted: number, spec: SensorSpec, out: Verdict): void {
    this.observe(slot, timeMs, value, spec)
    const { found } = this.#novelty
    const expectation = this.#expectation
    expect(this.#f, slot * rowWidth + C.novelty, value, found.expected, predicted, found.scale, expectation)
    out.expected = expectation.expected
    out.half = expectation.half
    out.score = found.score
    const isHeld = this.#novelty.hold(slot * rowWidth + C.novelty, timeMs, spec.alarm.acceptAfter)
    out.isOn = found.isOver || isHeld
    out.isOff = found.unrested < recipe.scoreOff && !isHeld
    out.sign = found.sign
    // The network can explain what it was heard in.
    out.isOneWay = expectation.gate > 0.5
    out.strain = found.e / found.threshold
  }
}
