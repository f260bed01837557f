import { type Chart, svgFile } from './chart.ts'
import { lineChart } from './svg-line.ts'
import { timeText } from './time-axis.ts'

/**
 * A forecast and what came of it.
 *
 * Shapes: all (N), in order of time; NaN where nothing is known. Units: times in ms since 1970, values in `unit`.
 */
export interface ForecastSeries {
  readonly timeMs: ArrayLike<number>
  readonly truth: ArrayLike<number>
  readonly predicted: ArrayLike<number>
  readonly lower?: ArrayLike<number>
  readonly upper?: ArrayLike<number>
  /** What the band is, such as "80 % band". */
  readonly bandName?: string
  /** What is measured, such as "outlet temperature". */
  readonly name?: string
  /** The sign behind a number, such as °C. */
  readonly unit?: string
}

/** Forecast and truth over time in UTC, with the band where there is one. */
export function forecastChart(series: ForecastSeries): Chart {
  const { timeMs: x, truth, predicted, lower, upper, name = 'value', unit = '' } = series
  const count = x.length
  const span = count === 0 ? '' : ` from ${timeText(x[0]!)} to ${timeText(x[count - 1]!)} UTC`
  return lineChart({
    label: `Forecast and truth of ${name}${span}.`,
    xTitle: '',
    yTitle: unit === '' ? name : `${name}, ${unit}`,
    isTime: true,
    // The forecast is drawn last: where it is right, it hides the truth, and what is seen of the truth is error.
    series: [
      { name: 'truth', ink: 'own', x, y: truth },
      { name: 'forecast', ink: 'other', x, y: predicted },
    ],
    ...(lower === undefined || upper === undefined
      ? {}
      : { band: { name: series.bandName ?? 'band', x, lower, upper } }),
    empty: 'There is no forecast to show.',
  })
}

/** The forecast as an SVG file. */
export function forecastSvg(series: ForecastSeries): string {
  return svgFile(forecastChart(series))
}
