import type { AlarmTransition } from '../../domain/alarm.ts'
import type { OutcomeFrame } from '../../domain/outcome.ts'
import { Quality, type QualityName, qualityNames } from '../../domain/quality.ts'
import type { Sink } from '../../ports/sink.ts'
import type { RejectedRecord } from '../../ports/source.ts'
import { inProcessSettings } from './sink-settings.ts'

/** Alarms and unreadable rows kept for the summary; beyond it they are counted only (`--alarms` writes all). */
const keptMax = 1_000

/** A row that could not be read. */
export interface UnreadableRow extends RejectedRecord {
  readonly file: string
}

/** One occurrence of an alarm, from raise to return. */
export interface AlarmSpan {
  readonly sensor: string
  readonly class: string
  readonly raisedMs: number
  returnedMs: number | null
  /** Score at the raise. */
  readonly score: number
  readonly message: string
}

/** Counts what a replay gave, for its summary; a sink like any other, so that it counts what sinks were given. */
export class Tally implements Sink {
  readonly name = 'summary'
  readonly settings = inProcessSettings
  rows = 0
  unreadable = 0
  alarmCount = 0
  readonly alarms: AlarmSpan[] = []
  readonly unreadableRows: UnreadableRow[] = []
  readonly unreadableByReason = new Map<string, number>()
  readonly #byQuality = new Float64Array(qualityNames.length)
  readonly #open = new Map<string, AlarmSpan>()

  async open(): Promise<void> {}

  async close(): Promise<void> {}

  async writeScores({ count, quality }: OutcomeFrame): Promise<void> {
    this.rows += count
    for (let row = 0; row < count; row++) this.#byQuality[quality[row]!]! += 1
  }

  async writeAlarms(transitions: readonly AlarmTransition[]): Promise<void> {
    for (const { from, alarm } of transitions) {
      const { id, sensor, state, score, message, eventTime } = alarm
      const standing = this.#open.get(id)
      if (from === 'normal' && standing === undefined) {
        const span = { sensor, class: alarm.class, raisedMs: eventTime, returnedMs: null, score, message }
        this.alarmCount++
        this.#open.set(id, span)
        if (this.alarms.length < keptMax) this.alarms.push(span)
      } else if (standing !== undefined && (state === 'normal' || state === 'rtn_unack')) {
        standing.returnedMs ??= eventTime
        this.#open.delete(id)
      }
    }
  }

  /** What decoding found in a part of a file. */
  decoded(file: string, rejected: readonly RejectedRecord[]): void {
    this.unreadable += rejected.length
    for (const row of rejected) {
      this.unreadableByReason.set(row.reason, (this.unreadableByReason.get(row.reason) ?? 0) + 1)
      if (this.unreadableRows.length < keptMax) this.unreadableRows.push({ file, ...row })
    }
  }

  /** Rows whose score is a judgement of the reading. */
  get scored(): number {
    return this.#byQuality[Quality.good]! + this.#byQuality[Quality.uncertain]!
  }

  count(quality: QualityName): number {
    return this.#byQuality[Quality[quality]]!
  }

  /** Rows that appear without being judged, by reason; warm-up and learning apart. */
  notScored(): Readonly<Partial<Record<QualityName, number>>> {
    const judged = new Set<QualityName>(['good', 'uncertain', 'warmup', 'learning'])
    const found = qualityNames.filter((name) => !judged.has(name) && this.count(name) > 0)
    return Object.fromEntries(found.map((name) => [name, this.count(name)]))
  }
}
