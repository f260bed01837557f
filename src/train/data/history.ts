import type { CalendarParts } from '../../base/civil-calendar.ts'

/**
 * What training and evaluation read: the good readings of one sensor, or the ticks of one asset, in order of event time.
 *
 * Shapes: timeMs (T); values (T,C+K) row-major, the C channels first, then the K context columns; NaN: missing.
 * Units: values in engineering units, times in ms since 1970, event time.
 */
export interface History {
  /** The sensor's id or the asset's name. */
  readonly name: string
  /** What is predicted and scored. */
  readonly channels: readonly string[]
  /** Inputs only. */
  readonly context: readonly string[]
  readonly timeMs: Float64Array
  readonly values: Float64Array
  /** 1 where a gap lies before the row: no window goes across it. The first row has one, too. */
  readonly gapBefore: Uint8Array
  /** Median step between rows. */
  readonly stepMs: number
  /** How old the value of a context column may be that a row without one is filled with; absent without context. */
  readonly contextMaxAgeMs?: number
  /** Local time, holidays and shifts of its place; absent: UTC. */
  readonly calendar?: CalendarParts
}

/** Rows from `from` (included) to `to` (excluded). */
export interface RowRange {
  readonly from: number
  readonly to: number
}
