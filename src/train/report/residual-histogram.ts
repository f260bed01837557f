import { type Chart, svgFile } from './chart.ts'
import { numberText } from './number-text.ts'
import { histogramChart } from './svg-histogram.ts'

/** How residuals, observed − expected, are distributed. `unit` is the sign behind a number, such as °C. */
export function residualHistogram(residuals: ArrayLike<number>, unit = ''): Chart {
  const known = Array.from(residuals).filter(Number.isFinite)
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length
  const square = known.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  const deviation = Math.sqrt(square / known.length)
  const remark = `mean ${numberText(mean, 3)}, standard deviation ${numberText(deviation, 3)}`
  return histogramChart({
    label: `Distribution of the residuals: ${remark}${unit === '' ? '' : ` ${unit}`}.`,
    xTitle: unit === '' ? 'observed − expected' : `observed − expected, ${unit}`,
    values: residuals,
    remark,
    empty: 'There is no residual to show.',
  })
}

/** The histogram of residuals as an SVG file. */
export function residualHistogramSvg(residuals: ArrayLike<number>, unit = ''): string {
  return svgFile(residualHistogram(residuals, unit))
}
