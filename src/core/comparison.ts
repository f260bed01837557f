import type { OutcomeFrame } from '../domain/outcome.ts'
import { Quality } from '../domain/quality.ts'

let width = 0

function column(): number {
  return width++
}

/** Sums of one sensor's comparison, as offsets in its row. */
const S = {
  sinceMs: column(),
  untilMs: column(),
  rows: column(),
  liveError: column(),
  shadowError: column(),
  liveAlarmRows: column(),
  shadowAlarmRows: column(),
  liveRaises: column(),
  shadowRaises: column(),
  apartRows: column(),
}

/** How two models did on the same readings of one sensor. */
export interface SensorComparison {
  /** Event time of the first reading that both scored. */
  readonly sinceMs: number
  /** Event time of the last one. */
  readonly untilMs: number
  /** Readings that both scored. */
  readonly rows: number
  /** Mean absolute residual, in the sensor's unit. */
  readonly liveError: number
  readonly shadowError: number
  /** Readings in alarm. */
  readonly liveAlarmRows: number
  readonly shadowAlarmRows: number
  /** Times that an alarm began; an alarm that stood when the comparison began is one, too. */
  readonly liveRaises: number
  readonly shadowRaises: number
  /** Readings that one of them holds for anomalous (score ≥ 0.5) and the other does not. */
  readonly apartRows: number
}

/**
 * Counts, sensor by sensor, how a shadow model does beside the live one. Only readings that both score count.
 *
 * Shapes:    (S, 10) float64, allocated at construction.
 */
export class Comparison {
  readonly #sums: Float64Array
  readonly #wasAlarm: Uint8Array

  constructor(capacity: number) {
    this.#sums = new Float64Array(capacity * width)
    // Bit 0: the live alarm stood at the last reading; bit 1: the shadow's.
    this.#wasAlarm = new Uint8Array(capacity)
  }

  /** Takes rows `from` on of what the live model says, and the shadow's rows of the same readings from its first. */
  add(live: OutcomeFrame, from: number, shadow: OutcomeFrame): void {
    for (let row = 0; row < shadow.count; row++) this.#addRow(live, from + row, shadow, row)
  }

  #addRow(live: OutcomeFrame, a: number, shadow: OutcomeFrame, b: number): void {
    if (!isScored(live, a) || !isScored(shadow, b)) return
    const sums = this.#sums
    const slot = live.slot[a]!
    const at = slot * width
    if (sums[at + S.rows] === 0) sums[at + S.sinceMs] = live.timeMs[a]!
    sums[at + S.untilMs] = live.timeMs[a]!
    add(sums, at + S.rows, 1)
    add(sums, at + S.liveError, Math.abs(live.residual[a]!))
    add(sums, at + S.shadowError, Math.abs(shadow.residual[b]!))
    add(sums, at + S.liveAlarmRows, live.alarm[a]!)
    add(sums, at + S.shadowAlarmRows, shadow.alarm[b]!)
    add(sums, at + S.apartRows, live.score[a]! >= 0.5 === shadow.score[b]! >= 0.5 ? 0 : 1)
    const was = this.#wasAlarm[slot]!
    if (live.alarm[a] === 1 && (was & 1) === 0) add(sums, at + S.liveRaises, 1)
    if (shadow.alarm[b] === 1 && (was & 2) === 0) add(sums, at + S.shadowRaises, 1)
    this.#wasAlarm[slot] = live.alarm[a]! | (shadow.alarm[b]! << 1)
  }

  /** What was found of a slot; null before the first reading that both scored. */
  of(slot: number): SensorComparison | null {
    const at = slot * width
    const sum = (place: number): number => this.#sums[at + place]!
    const rows = sum(S.rows)
    if (rows === 0) return null
    return {
      sinceMs: sum(S.sinceMs),
      untilMs: sum(S.untilMs),
      rows,
      liveError: sum(S.liveError) / rows,
      shadowError: sum(S.shadowError) / rows,
      liveAlarmRows: sum(S.liveAlarmRows),
      shadowAlarmRows: sum(S.shadowAlarmRows),
      liveRaises: sum(S.liveRaises),
      shadowRaises: sum(S.shadowRaises),
      apartRows: sum(S.apartRows),
    }
  }

  /** Bytes of one slot's comparison in a snapshot. */
  readonly snapshotBytes = width * 8 + 1

  snapshot(slot: number): Uint8Array {
    const bytes = new Uint8Array(this.snapshotBytes)
    bytes.set(this.#bytes(slot))
    bytes[width * 8] = this.#wasAlarm[slot]!
    return bytes
  }

  restore(slot: number, bytes: Uint8Array): void {
    this.#bytes(slot).set(bytes.subarray(0, width * 8))
    this.#wasAlarm[slot] = bytes[width * 8]!
  }

  clear(slot: number): void {
    this.#bytes(slot).fill(0)
    this.#wasAlarm[slot] = 0
  }

  #bytes(slot: number): Uint8Array {
    return new Uint8Array(this.#sums.buffer, slot * width * 8, width * 8)
  }
}

function add(sums: Float64Array, at: number, value: number): void {
  sums[at] = sums[at]! + value
}

function isScored(outcome: OutcomeFrame, row: number): boolean {
  return outcome.quality[row]! <= Quality.uncertain && !Number.isNaN(outcome.residual[row]!)
}
