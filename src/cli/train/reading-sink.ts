import type { OutcomeFrame } from '../../domain/outcome.ts'
import { Quality } from '../../domain/quality.ts'
import type { SensorCatalog } from '../../domain/sensor.ts'
import type { Sink, SinkContext, SinkSettings } from '../../ports/sink.ts'
import type { SensorReadings } from '../../train/data/build-history.ts'
import { inProcessSettings } from '../replay/sink-settings.ts'

/** Readings that may be learned from: what the core's quality stage let pass. An uncertain one is not. */
const passed = [Quality.good, Quality.warmup, Quality.learning]

/** Times and values of one sensor, growing. */
class Column {
  timeMs = new Float64Array(1_024)
  value = new Float64Array(1_024)
  count = 0

  push(timeMs: number, value: number): void {
    if (this.count === this.timeMs.length) {
      this.timeMs = doubled(this.timeMs)
      this.value = doubled(this.value)
    }
    this.timeMs[this.count] = timeMs
    this.value[this.count++] = value
  }
}

function doubled(from: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const to = new Float64Array(2 * from.length)
  to.set(from)
  return to
}

/**
 * Gathers what can be learned from: a sink behind the pipeline that also runs live, so that training sees exactly the
 * readings that the core takes for good.
 */
export class ReadingSink implements Sink {
  readonly name = 'history'
  readonly settings: SinkSettings = { ...inProcessSettings, alarms: false }
  /** Rows in alarm, and whether they are left out. */
  inAlarm = 0
  readonly #skipAlarms: boolean
  readonly #learnable: ReadonlySet<number>
  readonly #columns: Column[] = []
  #catalog: SensorCatalog | undefined

  /** `onlyKnown`: nothing but the spell that is known to be normal (`--learn-rows`, `--learn-until`). */
  constructor({ skipAlarms, onlyKnown }: { readonly skipAlarms: boolean; readonly onlyKnown: boolean }) {
    this.#skipAlarms = skipAlarms
    this.#learnable = new Set(onlyKnown ? [Quality.learning] : passed)
  }

  async open({ catalog }: SinkContext): Promise<void> {
    this.#catalog = catalog
  }

  async writeScores({ count, slot, timeMs, value, quality, alarm }: OutcomeFrame): Promise<void> {
    for (let row = 0; row < count; row++) {
      if (!this.#learnable.has(quality[row]!)) continue
      this.inAlarm += alarm[row]!
      if (alarm[row] === 1 && this.#skipAlarms) continue
      this.#columns[slot[row]!] ??= new Column()
      this.#columns[slot[row]!]!.push(timeMs[row]!, value[row]!)
    }
  }

  async close(): Promise<void> {}

  /** Sensors that appeared and had no reading that can be learned from. */
  mute(): string[] {
    const catalog = this.#catalog
    const slots = Array.from({ length: catalog?.slotCount ?? 0 }, (_, slot) => slot)
    return slots.flatMap((slot) => (this.#columns[slot] === undefined ? (catalog?.spec(slot).id ?? []) : []))
  }

  /** By sensor, in the order in which they appeared. */
  readings(): SensorReadings[] {
    return this.#columns.flatMap((column, slot) => {
      const sensor = this.#catalog?.spec(slot).id
      if (sensor === undefined) return []
      const { timeMs, value, count } = column
      return [{ sensor, timeMs: timeMs.subarray(0, count), value: value.subarray(0, count) }]
    })
  }
}
