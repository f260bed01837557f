import type { QualityName } from '../../../domain/quality.ts'
import type { History, SensorSummary } from '../../../runtime/api.ts'

/** A sensor's past while it grows: columns of equal length, oldest first. Times in ms since 1970. */
export interface Columns {
  readonly time: number[]
  readonly value: (number | null)[]
  readonly expected: (number | null)[]
  readonly lower: (number | null)[]
  readonly upper: (number | null)[]
  readonly score: number[]
  readonly alarm: number[]
  readonly quality: QualityName[]
}

/** Rows kept while following; then the oldest eighth goes at once. */
const rowsMax = 4_000

/** Columns of their own, to append to. */
export function columnsOf(history: History): Columns {
  return {
    time: [...history.time],
    value: [...history.value],
    expected: [...history.expected],
    lower: [...history.lower],
    upper: [...history.upper],
    score: [...history.score],
    alarm: [...history.alarm],
    quality: [...history.quality],
  }
}

/** Steps that the usual step is taken from. */
const recentSteps = 200

/**
 * Whether a live row leaves rows out: the stream carries the newest row of a sensor a few times a second, so of a
 * faster one, such as a replay, it carries a part. The rest is then asked for.
 */
export function leavesOut(columns: Columns, row: SensorSummary): boolean {
  const usual = medianStep(columns.time.slice(-recentSteps))
  return usual > 0 && row.time !== null && row.time - columns.time.at(-1)! > 1.5 * usual
}

/** Adds the rows of a history that are newer than all others. */
export function appendHistory(columns: Columns, history: History): void {
  history.time.forEach((time, row) => {
    append(columns, {
      time,
      value: history.value[row] ?? null,
      expected: history.expected[row] ?? null,
      lower: history.lower[row] ?? null,
      upper: history.upper[row] ?? null,
      score: history.score[row] ?? 0,
      alarm: history.alarm[row] === 1 ? 1 : 0,
      quality: history.quality[row] ?? 'good',
    })
  })
}

/** What a chart takes of a row. */
type ChartRow = Pick<SensorSummary, 'time' | 'value' | 'expected' | 'lower' | 'upper' | 'score' | 'alarm' | 'quality'>

/** Adds a live row that is newer than all others; false otherwise. */
export function append(columns: Columns, row: ChartRow): boolean {
  if (row.time === null || row.time <= (columns.time.at(-1) ?? Number.NEGATIVE_INFINITY)) return false
  columns.time.push(row.time)
  columns.value.push(row.value)
  columns.expected.push(row.expected)
  columns.lower.push(row.lower)
  columns.upper.push(row.upper)
  columns.score.push(row.score)
  columns.alarm.push(row.alarm)
  columns.quality.push(row.quality)
  if (columns.time.length > rowsMax) for (const column of Object.values(columns)) column.splice(0, rowsMax / 8)
  return true
}

/** The median step between rows, 0 with fewer than two. */
export function medianStep(time: readonly number[]): number {
  const steps = time.slice(1).map((now, index) => now - time[index]!)
  return steps.sort((one, other) => one - other)[steps.length >> 1] ?? 0
}

/** What the charts draw: a row without values breaks the lines at a gap of more than 10 median steps. */
export interface Plotted {
  readonly time: number[]
  readonly value: (number | null)[]
  readonly expected: (number | null)[]
  readonly lower: (number | null)[]
  readonly upper: (number | null)[]
  readonly score: (number | null)[]
  /** Row of the columns behind each plotted row; −1 in a gap. */
  readonly row: number[]
}

/** Columns as the charts draw them. */
export function plotted(columns: Columns): Plotted {
  const out: Plotted = { time: [], value: [], expected: [], lower: [], upper: [], score: [], row: [] }
  const gap = 10 * medianStep(columns.time)
  columns.time.forEach((time, row) => {
    const before = columns.time[row - 1]
    if (before !== undefined && gap > 0 && time - before > gap) {
      out.time.push((before + time) / 2)
      for (const column of [out.value, out.expected, out.lower, out.upper, out.score]) column.push(null)
      out.row.push(-1)
    }
    out.time.push(time)
    out.value.push(columns.value[row]!)
    out.expected.push(columns.expected[row]!)
    out.lower.push(columns.lower[row]!)
    out.upper.push(columns.upper[row]!)
    out.score.push(columns.score[row]!)
    out.row.push(row)
  })
  return out
}

/** Stretches of time that have something in common, from the first row to the one after the last. */
export interface Span<T> {
  readonly fromMs: number
  readonly toMs: number
  readonly what: T
}

/** Stretches of equal words; `null` is not told. */
export function spans<T>(time: readonly number[], word: (row: number) => T | null): Span<T>[] {
  const found: { fromMs: number; toMs: number; what: T }[] = []
  let open: { fromMs: number; toMs: number; what: T } | null = null
  time.forEach((now, row) => {
    const what = word(row)
    if (open !== null) open.toMs = now
    if (open !== null && open.what !== what) open = null
    if (open === null && what !== null) {
      open = { fromMs: now, toMs: now, what }
      found.push(open)
    }
  })
  return found
}
