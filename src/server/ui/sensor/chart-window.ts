import { medianStep } from './chart-data.ts'

/** What part of the past is shown: the newest stretch, everything, or a fixed one that was dragged over. */
export type ChartWindow =
  | { readonly follow: true; readonly spanMs: number | null }
  | { readonly follow: false; readonly fromMs: number; readonly toMs: number }

/** All that is kept, following what comes in. */
export const everything: ChartWindow = { follow: true, spanMs: null }
const minuteMs = 60_000
const spansOffered = [1, 5, 15, 60, 6 * 60, 24 * 60, 7 * 24 * 60, 30 * 24 * 60].map((minutes) => minutes * minuteMs)

/** Stretches worth offering: shorter than what is there, with at least 30 rows; four at most, the longest. */
export function offered(time: readonly number[]): number[] {
  const total = (time.at(-1) ?? 0) - (time[0] ?? 0)
  const least = 30 * medianStep(time)
  return spansOffered.filter((span) => span < total * 0.8 && span >= least).slice(-4)
}

/** The window in time; null where it is everything. */
export function resolved(window: ChartWindow, time: readonly number[]): { fromMs: number; toMs: number } | null {
  if (!window.follow) return window
  const last = time.at(-1)
  return window.spanMs === null || last === undefined ? null : { fromMs: last - window.spanMs, toMs: last }
}

/** A window with its span multiplied; one that follows keeps following. */
export function zoomed(window: ChartWindow, time: readonly number[], factor: number): ChartWindow {
  const now = resolved(window, time) ?? { fromMs: time[0] ?? 0, toMs: time.at(-1) ?? 1 }
  const span = (now.toMs - now.fromMs) * factor
  if (window.follow) return factor > 1 && window.spanMs === null ? window : { follow: true, spanMs: span }
  const middle = (now.fromMs + now.toMs) / 2
  return { follow: false, fromMs: middle - span / 2, toMs: middle + span / 2 }
}
