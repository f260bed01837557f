import { OutcomeFrame } from '../domain/outcome.ts'
import { isRefused } from '../domain/quality.ts'
import { C, heldColumns as H } from './columns.ts'

/** A score from here on is written although nothing changed. */
const scoreShown = 0.3
const minuteMs = 60_000

/**
 * Selects the rows that `scores: changes` writes: score ≥ 0.3, or the sensor's state, alarm or quality changed, and the
 * last reading of every minute of event time.
 *
 * The last reading of a minute is known when a later minute begins, so it is held back in the sensor's columns until
 * then: the selection depends on the sensor's readings only, not on frames. It is written before the row that freed it.
 * Duplicate, late and clock rows are never selected: they change nothing about the sensor, and a store that overwrites by
 * event time would lose the row that was scored to them.
 */
export class Changes {
  frame = new OutcomeFrame(0)
  #released = new OutcomeFrame(0)
  #releasedAt = new Int32Array(0)
  #selected = new Uint8Array(0)

  begin(rows: number): void {
    if (this.#selected.length < rows) {
      this.frame = new OutcomeFrame(2 * rows)
      this.#released = new OutcomeFrame(rows)
      this.#releasedAt = new Int32Array(rows)
      this.#selected = new Uint8Array(rows)
    }
    this.frame.clear()
    this.#released.clear()
    this.#releasedAt.fill(-1, 0, rows)
    this.#selected.fill(0, 0, rows)
  }

  /** Considers outcome row `base + row` of the sensor at `at`, whose state is now `state`. */
  consider(f: Float64Array, at: number, out: OutcomeFrame, base: number, row: number, state: number): void {
    const from = base + row
    const quality = out.quality[from]!
    if (isRefused(quality)) return
    const alarm = out.alarm[from]!
    const timeMs = out.timeMs[from]!
    const held = at + C.held
    const first = f[at + C.state] === 0
    const changed = first || f[at + C.state] !== state + 1 || f[at + C.alarm] !== alarm || f[at + C.quality] !== quality
    f[at + C.state] = state + 1
    f[at + C.alarm] = alarm
    f[at + C.quality] = quality
    const minute = Math.floor(timeMs / minuteMs)
    const heldMinute = Math.floor(f[held + H.timeMs]! / minuteMs)
    if (f[held + H.present] === 1 && minute > heldMinute) {
      this.#releasedAt[row] = this.#released.count
      this.#release(f, held, out.slot[from]!)
    }
    if (changed || out.score[from]! >= scoreShown) {
      this.#selected[row] = 1
      if (f[held + H.present] === 1 && minute >= heldMinute) f[held + H.present] = 0
    } else if (f[held + H.present] === 0 || timeMs >= f[held + H.timeMs]!) {
      hold(f, held, out, from)
    }
  }

  #release(f: Float64Array, held: number, slot: number): void {
    const to = this.#released
    const row = to.count
    to.slot[row] = slot
    to.timeMs[row] = f[held + H.timeMs]!
    to.arrivalMs[row] = f[held + H.arrivalMs]!
    to.value[row] = f[held + H.value]!
    to.expected[row] = f[held + H.expected]!
    to.lower[row] = f[held + H.lower]!
    to.upper[row] = f[held + H.upper]!
    to.residual[row] = f[held + H.residual]!
    to.score[row] = f[held + H.score]!
    to.alarm[row] = f[held + H.alarm]!
    to.quality[row] = f[held + H.quality]!
    to.count = row + 1
    f[held + H.present] = 0
  }

  /** Lays the selected rows out in the frame's order. */
  finish(out: OutcomeFrame, base: number, rows: number): void {
    for (let row = 0; row < rows; row++) {
      const released = this.#releasedAt[row]!
      if (released >= 0) this.frame.append(this.#released, released)
      if (this.#selected[row] === 1) this.frame.append(out, base + row)
    }
  }
}

function hold(f: Float64Array, held: number, out: OutcomeFrame, row: number): void {
  f[held + H.present] = 1
  f[held + H.timeMs] = out.timeMs[row]!
  f[held + H.arrivalMs] = out.arrivalMs[row]!
  f[held + H.value] = out.value[row]!
  f[held + H.expected] = out.expected[row]!
  f[held + H.lower] = out.lower[row]!
  f[held + H.upper] = out.upper[row]!
  f[held + H.residual] = out.residual[row]!
  f[held + H.score] = out.score[row]!
  f[held + H.alarm] = out.alarm[row]!
  f[held + H.quality] = out.quality[row]!
}
