import {
  type AlarmClass,
  type AlarmState,
  type AlarmTransition,
  alarmId,
  alarmLabels,
  labelFingerprint,
} from '../../src/domain/alarm.ts'
import { OutcomeFrame } from '../../src/domain/outcome.ts'
import { Quality } from '../../src/domain/quality.ts'
import { defaultSpec, SensorCatalog } from '../../src/domain/sensor.ts'
import { systemClock } from '../../src/ports/clock.ts'
import { silentLog } from '../../src/ports/log.ts'
import type { SinkContext } from '../../src/ports/sink.ts'

/** Ids that have broken line protocols, labels, URLs and terminals before. */
export const hostileIds = [
  'plain',
  'with space',
  'comma,equals=quote"apostrophe\'',
  "back\\slash\\'s and \\, \\=",
  'Ofen größe 温度 🔥',
  'slash/and+hash#and%25',
  '{"json":true}',
  'tab\there',
]

/** 2024-01-01: a time that every receiver takes. */
export const sampleTimeMs = Date.UTC(2024, 0, 1)

/** What a sink gets from the runtime, with a catalogue of its own. */
export function sampleContext(more: Partial<SinkContext> = {}): SinkContext {
  const catalog = new SensorCatalog(1_000, (id, labels) => defaultSpec(id, labels))
  return { clock: systemClock, log: silentLog, catalog, plant: 'north', ...more }
}

/** A row of an outcome frame in words; what is left out is NaN or plain. */
export interface SampleRow {
  readonly sensor: string
  readonly labels?: Readonly<Record<string, string>>
  readonly timeMs?: number
  readonly value?: number
  readonly expected?: number
  readonly score?: number
  readonly quality?: number
}

/** An outcome frame of these rows; sensors are interned in the context's catalogue. */
export function sampleScores(context: SinkContext, rows: readonly SampleRow[]): OutcomeFrame {
  const frame = new OutcomeFrame(Math.max(1, rows.length))
  for (const row of rows) {
    const at = frame.count++
    frame.slot[at] = context.catalog.intern(row.sensor, row.labels)
    frame.timeMs[at] = row.timeMs ?? sampleTimeMs
    frame.arrivalMs[at] = frame.timeMs[at]!
    frame.value[at] = row.value ?? Number.NaN
    const expected = row.expected ?? Number.NaN
    frame.expected[at] = expected
    frame.lower[at] = expected - 1
    frame.upper[at] = expected + 1
    frame.residual[at] = frame.value[at]! - expected
    frame.score[at] = row.score ?? 0
    frame.alarm[at] = (row.score ?? 0) >= 0.5 ? 1 : 0
    frame.quality[at] = row.quality ?? Quality.good
  }
  return frame
}

/** What distinguishes one sample transition from another. */
export interface SampleAlarm {
  readonly sensor: string
  readonly state?: AlarmState
  readonly alarmClass?: AlarmClass
  readonly raisedMs?: number
  readonly eventMs?: number
  readonly score?: number
  readonly priority?: 'low' | 'medium' | 'high' | 'critical'
}

/** An alarm transition as the core makes them, with its fingerprint over the sensor's own labels. */
export function sampleAlarm(context: SinkContext, sample: SampleAlarm): AlarmTransition {
  const { sensor, state = 'unack', alarmClass = 'process', raisedMs = sampleTimeMs, priority = 'medium' } = sample
  const eventTime = sample.eventMs ?? raisedMs
  const slot = context.catalog.intern(sensor)
  const spec = { ...context.catalog.spec(slot), priority }
  const id = alarmId(sensor, alarmClass, raisedMs)
  return {
    transitionId: `${id}-${state}-${eventTime}`,
    from: state === 'unack' ? 'normal' : 'unack',
    raisedTime: raisedMs,
    alarm: {
      id,
      fingerprint: labelFingerprint(alarmLabels(spec, alarmClass, context.plant)),
      plant: context.plant,
      sensor,
      asset: spec.asset,
      class: alarmClass,
      state,
      priority,
      eventTime,
      detectedTime: eventTime,
      value: 93.5,
      expected: 71.25,
      lower: 69,
      upper: 73.5,
      score: sample.score ?? 0.9,
      message: `${sensor} is above its expected band`,
    },
  }
}
