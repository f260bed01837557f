import { pow } from '../../base/math.ts'
import { linearAxis, niceStep } from './axis.ts'
import { type Chart, emptyChart, isWide } from './chart.ts'
import { pixel, svgLine, svgText } from './markup.ts'
import { fixedText, numberText } from './number-text.ts'
import { drawingOf, layOut, type Plot } from './plot.ts'

/** Counts of values in bins of one width; what lies beyond the ends is counted apart. */
export interface Histogram {
  readonly from: number
  readonly step: number
  readonly counts: readonly number[]
  readonly below: number
  readonly above: number
  readonly total: number
}

/**
 * Sorts values into bins whose edges are nice numbers, with 0 among the edges.
 *
 * The bins cover the middle 99.8 % and half as much again at either side, and no more than six quartile distances beyond
 * the quartiles: a few values far outside are counted, and do not press all others into one bar. NaN is left out.
 * Source for the width: Freedman and Diaconis 1981, 2·IQR/∛n, held so that there are about 12 to 60 bins.
 */
export function histogramOf(values: ArrayLike<number>): Histogram | null {
  const sorted = Float64Array.from(Array.from(values).filter(Number.isFinite)).sort()
  const n = sorted.length
  if (n === 0) return null
  const at = (share: number): number => sorted[Math.min(n - 1, Math.floor(share * n))]!
  const quartiles = at(0.75) - at(0.25)
  const middle = at(0.999) - at(0.001)
  // Where half of all values are equal, their quartiles say nothing of the others.
  const reach = quartiles > 0 ? 6 * quartiles : Number.POSITIVE_INFINITY
  const low = sorted.find((value) => value >= Math.max(at(0.001) - middle / 2, at(0.25) - reach))!
  const high = sorted.findLast((value) => value <= Math.min(at(0.999) + middle / 2, at(0.75) + reach))!
  const span = high - low > 0 ? high - low : Math.max(Math.abs(high) * 0.1, 1)
  const wanted = (2 * quartiles) / pow(n, 1 / 3)
  const step = niceStep(Math.min(Math.max(wanted, span / 60), span / 12), 1)
  const first = Math.floor(low / step)
  const counts = new Array<number>(Math.floor(high / step) - first + 1).fill(0)
  let below = 0
  let above = 0
  for (const value of sorted) {
    const bin = Math.floor(value / step) - first
    if (bin < 0) below++
    else if (bin >= counts.length) above++
    else counts[bin]!++
  }
  return { from: first * step, step, counts, below, above, total: n }
}

/** What a histogram shows. */
export interface HistogramOptions {
  readonly label: string
  readonly xTitle: string
  readonly values: ArrayLike<number>
  /** A text at the top right: figures of the distribution. */
  readonly remark?: string
  readonly empty: string
}

/** Bars of how often values occur; a line at 0, and counts of what lies beyond the ends. */
export function histogramChart(options: HistogramOptions): Chart {
  const histogram = histogramOf(options.values)
  if (histogram === null) return emptyChart(options.empty)
  const { from, step, counts } = histogram
  const to = from + step * counts.length
  const draw = (widthPx: number) => {
    const heightPx = isWide(widthPx) ? 280 : 240
    const plot = layOut({
      widthPx,
      heightPx,
      xTitle: options.xTitle,
      yTitle: 'count',
      corner: options.remark ?? '',
      xAxis: (count) => linearAxis(from, to, count),
      yAxis: (count) => linearAxis(0, Math.max(...counts), Math.min(count, Math.max(...counts))),
    })
    const inside = [bars(plot, histogram), zeroLine(plot), beyond(plot, histogram)]
    return drawingOf(plot, heightPx, '', inside.join(''))
  }
  return { label: options.label, draw }
}

function bars(plot: Plot, { from, step, counts }: Histogram): string {
  const columns = counts.map((count, k) => {
    if (count === 0) return ''
    const left = plot.px(from + k * step)
    // A slit of the surface between the bars; even a count of one is seen.
    const width = Math.max(0.5, plot.px(from + (k + 1) * step) - left - 1)
    const top = Math.min(plot.py(count), plot.bottom - 1)
    return `M${pixel(left + 0.5)} ${pixel(plot.bottom)}V${pixel(top)}h${pixel(width)}V${pixel(plot.bottom)}Z`
  })
  return `<path d="${columns.join('')}" class="solid"/>`
}

function zeroLine(plot: Plot): string {
  const at = plot.px(0)
  return at < plot.left || at > plot.right ? '' : svgLine(at, plot.top, at, plot.bottom, 'mark')
}

function beyond(plot: Plot, { from, step, counts, below, above }: Histogram): string {
  const y = plot.top + 14
  const less = `← ${fixedText(below, 0)} below ${numberText(from)}`
  const more = `${fixedText(above, 0)} above ${numberText(from + step * counts.length)} →`
  const left = below === 0 ? '' : svgText(plot.left + 2, y, less, 'halo', 'start')
  return left + (above === 0 ? '' : svgText(plot.right - 2, y, more, 'halo', 'end'))
}
