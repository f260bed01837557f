import type { AlarmTransition } from '../../domain/alarm.ts'
import type { Explanation, History, Page, SensorSummary } from '../../runtime/api.ts'
import type { ExplanationAnswer, HistoryAnswer, SensorAnswer, TransitionAnswer } from '../answer.ts'
import { askJson } from './request.ts'

// Answers write times as ISO 8601, the live stream as milliseconds; behind this file the page knows milliseconds only.

function sensorOf(answer: SensorAnswer): SensorSummary {
  return { ...answer, time: answer.time === null ? null : Date.parse(answer.time) }
}

function transitionOf({ raisedTime, alarm, ...rest }: TransitionAnswer): AlarmTransition {
  const eventTime = Date.parse(alarm.eventTime)
  const detectedTime = Date.parse(alarm.detectedTime)
  return { ...rest, raisedTime: Date.parse(raisedTime), alarm: { ...alarm, eventTime, detectedTime } }
}

/** Asks for a page of sensors. Errors: `RequestError`. */
export async function askSensors(path: string, abort: AbortSignal): Promise<Page<SensorSummary>> {
  const { items, total } = await askJson<Page<SensorAnswer>>(path, { signal: abort })
  return { items: items.map(sensorOf), total }
}

/** Asks for one sensor. Errors: `RequestError`. */
export async function askSensor(path: string, abort: AbortSignal): Promise<SensorSummary> {
  return sensorOf(await askJson<SensorAnswer>(path, { signal: abort }))
}

/** Asks for a sensor's past. Errors: `RequestError`. */
export async function askHistory(path: string, abort: AbortSignal): Promise<History> {
  const answer = await askJson<HistoryAnswer>(path, { signal: abort })
  return { ...answer, time: answer.time.map((text) => Date.parse(text)) }
}

/** Asks why a reading is not what was expected. Errors: `RequestError`; `not_found` where nothing can be explained. */
export async function askExplanation(path: string, abort: AbortSignal): Promise<Explanation> {
  const answer = await askJson<ExplanationAnswer>(path, { signal: abort })
  const ticks = answer.ticks.map((tick) => ({ ...tick, time: Date.parse(tick.time) }))
  return { ...answer, time: Date.parse(answer.time), ticks }
}

/** Asks for a page of alarms. Errors: `RequestError`. */
export async function askAlarms(path: string, abort: AbortSignal): Promise<Page<AlarmTransition>> {
  const { items, total } = await askJson<Page<TransitionAnswer>>(path, { signal: abort })
  return { items: items.map(transitionOf), total }
}
