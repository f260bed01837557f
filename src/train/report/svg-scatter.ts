import { type Axis, linearAxis, logAxis } from './axis.ts'
import { type Chart, emptyChart, isWide } from './chart.ts'
import { pixel } from './markup.ts'
import { numberText } from './number-text.ts'
import { drawingOf, layOut, type Plot } from './plot.ts'

/** A dot: `tone` 3 is full, 2 and 1 are paler, for what had a smaller budget. */
export interface ScatterPoint {
  readonly x: number | string
  readonly y: number
  readonly tone: 1 | 2 | 3
}

/** What a scatter plot shows. */
export interface ScatterOptions {
  readonly label: string
  readonly xTitle: string
  readonly yTitle: string
  readonly points: readonly ScatterPoint[]
  /** The index of the point that is marked. */
  readonly best?: number
  readonly empty: string
}

/** Positive values that span more than this factor, most of them near the lower end, are shown on a logarithmic axis. */
const logFactor = 30
/** Of values drawn evenly the median is near half of the largest; of those drawn by their magnitude far below. */
const medianShare = 0.2
/** More columns of numbers do not fit on a telephone. */
const gridValuesMax = 6

/**
 * A dot for each pair; words are columns in order of their first coming, numbers an even or a logarithmic axis, or columns
 * where they are few and come again and again, as those of a grid do.
 *
 * Dots of one column lie beside each other, shifted by their order, so that equal ones are counted by eye.
 */
export function scatterChart(options: ScatterOptions): Chart {
  const points = options.points.filter(({ y }) => Number.isFinite(y))
  const losses = points.map(({ y }) => y)
  if (losses.length === 0) return emptyChart(options.empty)
  const columns = columnsOf(points)
  const best = options.best === undefined ? undefined : options.points[options.best]
  const draw = (widthPx: number) => {
    const heightPx = isWide(widthPx) ? 280 : 240
    const plot = layOut({
      widthPx,
      heightPx,
      xTitle: options.xTitle,
      yTitle: options.yTitle,
      corner: best === undefined ? '' : `best ${numberText(best.y)} at ${cornerText(best.x)}`,
      xAxis: (count) =>
        columns === null
          ? axisFor(
              points.map(({ x }) => Number(x)),
              count,
            )
          : columnAxis(columns),
      yAxis: (count) => axisFor(losses, count),
    })
    const places = new Map<ScatterPoint, number>()
    for (const point of points) places.set(point, placeOf(plot, points, columns, point))
    const dots = points
      .filter((point) => point !== best)
      .map((point) => dot(places.get(point)!, plot.py(point.y), 'own', point.tone))
    return drawingOf(plot, heightPx, '', dots.join('') + bestDot(plot, best, best && places.get(best)))
  }
  return { label: options.label, draw }
}

/** The names of columns, or null for an axis of numbers. */
function columnsOf(points: readonly ScatterPoint[]): readonly string[] | null {
  const values = new Set(points.map(({ x }) => x))
  if (points.some(({ x }) => typeof x === 'string')) return [...new Set([...values].map(String))]
  if (values.size > gridValuesMax || points.length < 3 * values.size) return null
  return [...values]
    .map(Number)
    .sort((a, b) => a - b)
    .map(String)
}

function axisFor(values: readonly number[], count: number): Axis {
  const sorted = Float64Array.from(values.filter(Number.isFinite)).sort()
  const low = sorted[0] ?? 0
  const high = sorted.at(-1) ?? 1
  const isByMagnitude = low > 0 && high / low > logFactor && sorted[sorted.length >> 1]! < medianShare * high
  return (isByMagnitude ? logAxis : linearAxis)(low, high, count, 0.08)
}

function columnAxis(columns: readonly string[]): Axis {
  const high = columns.length - 0.5
  const ticks = columns.map((name, value) => ({ value, label: columnLabel(name) }))
  return { low: -0.5, high, ticks, place: (value) => (value + 0.5) / columns.length }
}

function columnLabel(name: string): string {
  const text = name !== '' && Number.isFinite(Number(name)) ? numberText(Number(name)) : name
  return text.length > 16 ? `${text.slice(0, 15)}…` : text
}

function placeOf(
  plot: Plot,
  points: readonly ScatterPoint[],
  columns: readonly string[] | null,
  point: ScatterPoint,
): number {
  if (columns === null) return plot.px(Number(point.x))
  const name = String(point.x)
  const mates = points.filter(({ x }) => String(x) === name)
  const shift = (mates.indexOf(point) + 0.5) / mates.length - 0.5
  return plot.px(columns.indexOf(name) + shift * 0.6)
}

function dot(x: number, y: number, style: string, tone: 1 | 2 | 3): string {
  return `<circle cx="${pixel(x)}" cy="${pixel(y)}" r="4" class="${style}${tone === 3 ? '' : ` tone${tone}`}"/>`
}

const cornerText = (x: number | string): string => (typeof x === 'number' ? numberText(x, 3) : x)

function bestDot(plot: Plot, best: ScatterPoint | undefined, x: number | undefined): string {
  if (best === undefined || x === undefined) return ''
  const y = plot.py(best.y)
  return `${dot(x, y, 'other', 3)}<circle cx="${pixel(x)}" cy="${pixel(y)}" r="7.5" class="ring"/>`
}
