import type { Alarm, AlarmTransition } from '../domain/alarm.ts'
import type { Explanation, History, Page, PipelineStatus, SensorSummary } from '../runtime/api.ts'

// The pipeline counts milliseconds, and so does the live stream; every other JSON answer writes times as ISO 8601.

/** A sensor as an answer writes it: its time is ISO 8601 text. */
export interface SensorAnswer extends Omit<SensorSummary, 'time'> {
  readonly time: string | null
}

/** A sensor's past as an answer writes it: its time column is ISO 8601 text. */
export interface HistoryAnswer extends Omit<History, 'time'> {
  readonly time: readonly string[]
}

/** An explanation as an answer writes it: its times are ISO 8601 text. */
export interface ExplanationAnswer extends Omit<Explanation, 'time' | 'ticks'> {
  readonly time: string
  readonly ticks: readonly { readonly time: string; readonly value: number; readonly contribution: number }[]
}

/** An alarm as an answer writes it: its times are ISO 8601 text. */
export interface AlarmAnswer extends Omit<Alarm, 'eventTime' | 'detectedTime'> {
  readonly eventTime: string
  readonly detectedTime: string
}

/** An alarm's transition as an answer writes it: its times are ISO 8601 text. */
export interface TransitionAnswer extends Omit<AlarmTransition, 'raisedTime' | 'alarm'> {
  readonly raisedTime: string
  readonly alarm: AlarmAnswer
}

/** The figures of the process as an answer writes them: the start is ISO 8601 text. */
export interface StatusAnswer extends Omit<PipelineStatus, 'startedAt'> {
  readonly startedAt: string
}

/** The calendar ends this many milliseconds before and after 1970. */
const calendarMs = 8.64e15

/**
 * ISO 8601 text in UTC with milliseconds.
 *
 * Readings lie within the calendar, but a silence that begins after a reading at its very end does not; the end is told
 * then, so that one such alarm does not make the whole list fail.
 */
function iso(ms: number): string {
  return new Date(Math.max(-calendarMs, Math.min(calendarMs, ms))).toISOString()
}

/** Writes a sensor. */
export function sensorAnswer(sensor: SensorSummary): SensorAnswer {
  return { ...sensor, time: sensor.time === null ? null : iso(sensor.time) }
}

/** Writes a sensor's past. */
export function historyAnswer(history: History): HistoryAnswer {
  return { ...history, time: history.time.map(iso) }
}

/** Writes an explanation. */
export function explanationAnswer({ time, ticks, ...rest }: Explanation): ExplanationAnswer {
  return { ...rest, time: iso(time), ticks: ticks.map((tick) => ({ ...tick, time: iso(tick.time) })) }
}

/** Writes an alarm's transition. */
export function transitionAnswer({ raisedTime, alarm, ...rest }: AlarmTransition): TransitionAnswer {
  const { eventTime, detectedTime } = alarm
  const told = { ...alarm, eventTime: iso(eventTime), detectedTime: iso(detectedTime) }
  return { ...rest, raisedTime: iso(raisedTime), alarm: told }
}

/** Writes the figures of the process. */
export function statusAnswer(status: PipelineStatus): StatusAnswer {
  return { ...status, startedAt: iso(status.startedAt) }
}

/** Writes each row of a page. */
export function pageAnswer<Row, Answer>({ items, total }: Page<Row>, write: (row: Row) => Answer): Page<Answer> {
  return { items: items.map(write), total }
}
