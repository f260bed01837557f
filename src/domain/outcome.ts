import type { AlarmTransition } from './alarm.ts'

/** A channel of an asset and its share in what the asset's score says. */
export interface TopChannel {
  readonly channel: string
  readonly share: number
}

/**
 * What the core says about a frame: one row per reading, in the frame's order, columnar.
 *
 * Shapes:    every column (rows). `transitions` holds the few alarm changes that these rows caused, in order.
 * Units:     expected, lower, upper and residual in the sensor's unit, NaN where the row was not scored;
 *            score 0…1 with 0.5 the alarm boundary; alarm 0 or 1; quality a `Quality` code; arrivalMs recorded wall time.
 */
export class OutcomeFrame {
  readonly capacity: number
  count = 0
  readonly slot: Int32Array
  readonly timeMs: Float64Array
  readonly arrivalMs: Float64Array
  readonly value: Float64Array
  readonly expected: Float64Array
  readonly lower: Float64Array
  readonly upper: Float64Array
  readonly residual: Float64Array
  readonly score: Float64Array
  readonly alarm: Uint8Array
  readonly quality: Uint8Array
  transitions: AlarmTransition[] = []
  /** Of rows that are ticks of an asset: the channels that carry the score, the largest first; sparse. */
  readonly #top: (readonly TopChannel[] | undefined)[] = []

  constructor(capacity: number) {
    this.capacity = capacity
    this.slot = new Int32Array(capacity)
    this.timeMs = new Float64Array(capacity)
    this.arrivalMs = new Float64Array(capacity)
    this.value = new Float64Array(capacity)
    this.expected = new Float64Array(capacity)
    this.lower = new Float64Array(capacity)
    this.upper = new Float64Array(capacity)
    this.residual = new Float64Array(capacity)
    this.score = new Float64Array(capacity)
    this.alarm = new Uint8Array(capacity)
    this.quality = new Uint8Array(capacity)
  }

  clear(): void {
    this.count = 0
    this.transitions = []
    this.#top.length = 0
  }

  /** The leading channels of an asset's row; undefined of a sensor's, or where they are not known. */
  top(row: number): readonly TopChannel[] | undefined {
    return this.#top[row]
  }

  setTop(row: number, channels: readonly TopChannel[] | undefined): void {
    if (channels !== undefined || row < this.#top.length) this.#top[row] = channels
  }

  /** Appends row `row` of another outcome frame; false when this one is full. */
  append(from: OutcomeFrame, row: number): boolean {
    if (this.count === this.capacity) return false
    this.set(this.count, from, row)
    this.count += 1
    return true
  }

  /** Overwrites row `at` with row `row` of another outcome frame; `count` stays. */
  set(at: number, from: OutcomeFrame, row: number): void {
    this.slot[at] = from.slot[row]!
    this.timeMs[at] = from.timeMs[row]!
    this.arrivalMs[at] = from.arrivalMs[row]!
    this.value[at] = from.value[row]!
    this.expected[at] = from.expected[row]!
    this.lower[at] = from.lower[row]!
    this.upper[at] = from.upper[row]!
    this.residual[at] = from.residual[row]!
    this.score[at] = from.score[row]!
    this.alarm[at] = from.alarm[row]!
    this.quality[at] = from.quality[row]!
    this.setTop(at, from.top(row))
  }
}
