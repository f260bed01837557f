import { limits } from '../base/limits.ts'
import type { RecentReadings } from '../core/live-pipeline.ts'
import { OutcomeFrame } from '../domain/outcome.ts'
import { isRefused, Quality } from '../domain/quality.ts'

const fields = ['value', 'expected', 'lower', 'upper', 'score'] as const

function isNormal(quality: number): boolean {
  return quality === Quality.good || quality === Quality.warmup || quality === Quality.learning
}

function wasSeen(quality: number): boolean {
  return isNormal(quality) || quality === Quality.uncertain
}

/** A scored reading and those before it. Units: ms of event time; the sensor's unit. */
export interface ReadingAt {
  readonly timeMs: number
  readonly value: number
  readonly expected: number
  readonly before: RecentReadings
}

/** One sensor's ring of recent outcomes. */
class Ring {
  readonly capacity: number
  count = 0
  next = 0
  readonly timeMs: Float64Array
  readonly alarm: Uint8Array
  readonly quality: Uint8Array
  readonly value: Float32Array
  readonly expected: Float32Array
  readonly lower: Float32Array
  readonly upper: Float32Array
  readonly score: Float32Array

  constructor(capacity: number) {
    this.capacity = capacity
    this.timeMs = new Float64Array(capacity)
    this.alarm = new Uint8Array(capacity)
    this.quality = new Uint8Array(capacity)
    this.value = new Float32Array(capacity)
    this.expected = new Float32Array(capacity)
    this.lower = new Float32Array(capacity)
    this.upper = new Float32Array(capacity)
    this.score = new Float32Array(capacity)
  }
}

/** Columns of a stretch of history, oldest first. */
export interface HistoryColumns {
  readonly timeMs: number[]
  readonly alarm: number[]
  readonly quality: number[]
  readonly value: number[]
  readonly expected: number[]
  readonly lower: number[]
  readonly upper: number[]
  readonly score: number[]
}

/**
 * The recent past of every sensor in memory, for the page: bounded in all and per sensor.
 *
 * Rings are made at a sensor's first outcome; with many sensors the later ones get fewer points, and the last ones none
 * beyond the newest once the budget is used up. Late and duplicate rows are not kept.
 */
export class HistoryStore {
  readonly #rings: (Ring | undefined)[] = []
  /** Indexed by slot, at full precision; only slots marked in `#seen` are filled. */
  readonly #newest: OutcomeFrame
  readonly #seen: Uint8Array
  readonly #total: number
  #budget: number

  constructor(sensorLimit: number, budget: number = limits.historyPoints) {
    this.#budget = budget
    this.#newest = new OutcomeFrame(sensorLimit)
    this.#seen = new Uint8Array(sensorLimit)
    this.#total = budget
  }

  append(outcome: OutcomeFrame): void {
    for (let row = 0; row < outcome.count; row++) this.appendRow(outcome, row)
  }

  /** The newest outcome of every slot as columns indexed by slot; undefined for a slot without one. */
  newest(slot: number): OutcomeFrame | undefined {
    return this.#seen[slot] === 1 ? this.#newest : undefined
  }

  clear(slot: number): void {
    const ring = this.#rings[slot]
    if (ring !== undefined) this.#budget += ring.capacity
    this.#rings[slot] = undefined
    this.#seen[slot] = 0
  }

  /** Rows between two event times, thinned evenly to at most `points` (the newest always stays). */
  range(slot: number, fromMs: number, toMs: number, points: number): HistoryColumns {
    const out: HistoryColumns = {
      timeMs: [],
      alarm: [],
      quality: [],
      value: [],
      expected: [],
      lower: [],
      upper: [],
      score: [],
    }
    const ring = this.#rings[slot]
    if (ring === undefined) return out
    const rows: number[] = []
    for (let index = 0; index < ring.count; index++) {
      const at = (ring.next - ring.count + index + ring.capacity) % ring.capacity
      const time = ring.timeMs[at]!
      if (time >= fromMs && time <= toMs) rows.push(at)
    }
    const stride = Math.max(1, Math.ceil(rows.length / points))
    for (let index = (rows.length - 1) % stride; index < rows.length; index += stride) {
      const at = rows[index]!
      out.timeMs.push(ring.timeMs[at]!)
      out.alarm.push(ring.alarm[at]!)
      out.quality.push(ring.quality[at]!)
      for (const field of fields) out[field].push(ring[field][at]!)
    }
    return out
  }

  /** The newest good readings outside alarms, at most `most`, oldest first; null where there are none. */
  recent(slot: number, most: number): RecentReadings | null {
    const ring = this.#rings[slot]
    if (ring === undefined) return null
    const good: number[] = []
    for (let back = 1; back <= ring.count && good.length < most; back++) {
      const at = (ring.next - back + ring.capacity) % ring.capacity
      if (isNormal(ring.quality[at]!) && ring.alarm[at] === 0) good.push(at)
    }
    if (good.length === 0) return null
    good.reverse()
    return { timeMs: good.map((at) => ring.timeMs[at]!), value: good.map((at) => ring.value[at]!) }
  }

  /**
   * The newest scored reading that is not after `timeMs`, with at most `most` readings before it that the network saw, oldest
   * first; null where there is none in memory.
   */
  readingAt(slot: number, timeMs: number, most: number): ReadingAt | null {
    const ring = this.#rings[slot]
    if (ring === undefined) return null
    let found = -1
    const before: number[] = []
    for (let back = 1; back <= ring.count && before.length < most; back++) {
      const at = (ring.next - back + ring.capacity) % ring.capacity
      if (ring.timeMs[at]! > timeMs || !wasSeen(ring.quality[at]!)) continue
      if (found >= 0) before.push(at)
      else if (Number.isFinite(ring.expected[at]!)) found = at
    }
    if (found < 0) return null
    before.reverse()
    return {
      timeMs: ring.timeMs[found]!,
      value: ring.value[found]!,
      expected: ring.expected[found]!,
      before: { timeMs: before.map((at) => ring.timeMs[at]!), value: before.map((at) => ring.value[at]!) },
    }
  }

  /** Takes one row. */
  appendRow(outcome: OutcomeFrame, row: number): void {
    const quality = outcome.quality[row]!
    if (isRefused(quality)) return
    const slot = outcome.slot[row]!
    this.#newest.set(slot, outcome, row)
    this.#seen[slot] = 1
    const ring = this.#rings[slot] ?? this.#makeRing(slot)
    if (ring === undefined) return
    const at = ring.next
    ring.timeMs[at] = outcome.timeMs[row]!
    ring.alarm[at] = outcome.alarm[row]!
    ring.quality[at] = quality
    for (const field of fields) ring[field][at] = outcome[field][row]!
    ring.next = (at + 1) % ring.capacity
    ring.count = Math.min(ring.count + 1, ring.capacity)
  }

  /** Long rings while half of the budget is left, shorter ones later, so that the first thousand sensors have hours. */
  #makeRing(slot: number): Ring | undefined {
    const left = this.#budget / this.#total
    const share = left > 0.5 ? 1 : left > 0.125 ? 0.2 : 0.06
    const points = Math.round(limits.historyPointsPerSensor * share)
    if (this.#budget < points) return undefined
    this.#budget -= points
    const ring = new Ring(points)
    this.#rings[slot] = ring
    return ring
  }
}
