import { linearAxis, logAxis, rangeOf } from './axis.ts'
import { type Chart, emptyChart, type Ink, isWide } from './chart.ts'
import { decimate, pathOf } from './decimate.ts'
import { svgLine, svgText, textWidth } from './markup.ts'
import { drawingOf, type LegendEntry, layOut, type Plot, spread } from './plot.ts'
import { bandPath } from './svg-band.ts'
import { timeAxis } from './time-axis.ts'

/** A line: x not falling; NaN in y is a gap. */
export interface LineSeries {
  readonly name: string
  readonly ink: Ink
  readonly x: ArrayLike<number>
  readonly y: ArrayLike<number>
  readonly isDashed?: boolean
}

/** An area between two lines. */
export interface BandSeries {
  readonly name: string
  readonly x: ArrayLike<number>
  readonly lower: ArrayLike<number>
  readonly upper: ArrayLike<number>
}

/** What a line chart shows. */
export interface LineChartOptions {
  readonly label: string
  readonly xTitle: string
  readonly yTitle: string
  readonly series: readonly LineSeries[]
  readonly band?: BandSeries
  /** x is time, ms since 1970, shown in UTC. */
  readonly isTime?: boolean
  /** y is logarithmic; values that are not above 0 are gaps. */
  readonly isLog?: boolean
  /** A line across the picture at this x, with a text. */
  readonly mark?: { readonly x: number; readonly text: string }
  /** Said instead of the picture when there is no value. */
  readonly empty: string
}

/** Lines over an even axis or over time, with a band behind them; names at the lines' ends where there is room. */
export function lineChart(options: LineChartOptions): Chart {
  const { series, band, isLog = false, mark } = options
  const isAllowed = isLog ? (value: number) => value > 0 && Number.isFinite(value) : Number.isFinite
  const yLists = [...series.map(({ y }) => y), ...(band === undefined ? [] : [band.lower, band.upper])]
  const xLists = [...series.map(({ x }) => x), ...(band === undefined ? [] : [band.x])]
  const y = rangeOf(yLists, isAllowed)
  const x = rangeOf(xLists)
  if (x === null || y === null) return emptyChart(options.empty)
  const draw = (widthPx: number) => {
    const wide = isWide(widthPx)
    const heightPx = wide ? 300 : 260
    const corner = [!wide && mark !== undefined ? mark.text : '', options.isTime === true ? 'UTC' : '']
    const plot = layOut({
      widthPx,
      heightPx,
      xTitle: options.xTitle,
      yTitle: options.yTitle,
      xAxis: (count) => {
        if (options.isTime === true) return timeAxis(x[0], x[1], count)
        // Epochs and trials are counted: there is no mark between two of them.
        const isCounted = xLists.every((list) => Array.from(list).every(Number.isInteger))
        return linearAxis(x[0], x[1], isCounted ? Math.min(count, Math.max(1, x[1] - x[0])) : count)
      },
      yAxis: (count) => (isLog ? logAxis : linearAxis)(y[0], y[1], count, 0.05),
      legend: legendOf(series, band, wide),
      corner: corner.filter((text) => text !== '').join(', '),
      rightPx: wide ? Math.max(0, ...series.map(({ name }) => textWidth(name))) + 14 : 8,
    })
    const behind = band === undefined ? '' : drawBand(plot, band)
    const inside = [
      mark === undefined ? '' : drawMark(plot, wide ? mark : { ...mark, text: '' }),
      ...series.map((one) => drawLine(plot, one)),
      wide ? endNames(plot, series) : '',
    ]
    return drawingOf(plot, heightPx, behind, inside.join(''))
  }
  return { label: options.label, draw }
}

/** Where names stand at the ends of lines, only the band still needs a legend. */
function legendOf(series: readonly LineSeries[], band: BandSeries | undefined, wide: boolean): LegendEntry[] {
  const area: LegendEntry[] = band === undefined ? [] : [{ name: band.name, ink: 'band' }]
  if (wide) return area
  return [...series.map(({ name, ink, isDashed = false }) => ({ name, ink, isDashed })), ...area]
}

function placed(values: ArrayLike<number>, place: (value: number) => number): Float64Array {
  return Float64Array.from({ length: values.length }, (_, i) => place(values[i]!))
}

function drawLine(plot: Plot, { x, y, ink, isDashed = false }: LineSeries): string {
  const path = pathOf(decimate(placed(x, plot.px), placed(y, plot.py)))
  // Lines of more points than pixels hide each other less when they are thin.
  const thin = x.length > plot.right - plot.left ? ' thin' : ''
  return `<path d="${path}" class="${ink}${thin}"${isDashed ? ' stroke-dasharray="5 4"' : ''}/>`
}

function drawBand(plot: Plot, { x, lower, upper }: BandSeries): string {
  return `<path d="${bandPath(placed(x, plot.px), placed(upper, plot.py), placed(lower, plot.py))}" class="band"/>`
}

/** The names at the right of the last points, moved apart where lines end close to each other. */
function endNames(plot: Plot, series: readonly LineSeries[]): string {
  const ends = series.map(({ y }) => {
    for (let i = y.length - 1; i >= 0; i--) if (Number.isFinite(plot.py(y[i]!))) return plot.py(y[i]!)
    return Number.NaN
  })
  const shown = series.map((_, i) => i).filter((i) => !Number.isNaN(ends[i]!))
  const centres = spread(
    shown.map((i) => ends[i]!),
    15,
    plot.top + 6,
    plot.bottom - 6,
  )
  return shown
    .map((i, k) => svgText(plot.right + 8, centres[k]! + 4, series[i]!.name, series[i]!.ink, 'start'))
    .join('')
}

/** A dashed line with its text on the side that has more room; on a narrow picture the text stands in the corner. */
function drawMark(plot: Plot, { x, text }: { readonly x: number; readonly text: string }): string {
  const at = plot.px(x)
  const isLeft = at < (plot.left + plot.right) / 2
  const line = svgLine(at, plot.top, at, plot.bottom, 'mark')
  return text === ''
    ? line
    : line + svgText(at + (isLeft ? 6 : -6), plot.top + 10, text, 'strong halo', isLeft ? 'start' : 'end')
}
