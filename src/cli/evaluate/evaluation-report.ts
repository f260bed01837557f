import type { EvaluationTable, PredictorRow } from '../../train/evaluate/evaluation-table.ts'
import { judgementAt } from '../../train/evaluate/evaluation-table.ts'
import { type Chart, svgFile } from '../../train/report/chart.ts'
import { evaluationHtml } from '../../train/report/evaluation-page.ts'
import { forecastChart } from '../../train/report/forecast-chart.ts'
import { barsChart } from '../../train/report/svg-bars.ts'
import type { ChannelEvaluation, ForecastPicture } from './evaluate-history.ts'

/** Rows of a picture of a forecast: what an eye can follow. */
const shownRows = 1_000

const columns = [
  { name: 'method' },
  { name: 'MAE', best: 'lowest' },
  { name: 'from' },
  { name: 'to' },
  { name: 'RMSE', best: 'lowest' },
  { name: 'MSE', best: 'lowest' },
  { name: 'MASE', best: 'lowest' },
  { name: 'sMAPE', unit: '%', best: 'lowest' },
  { name: 'CRPS', best: 'lowest' },
  { name: 'coverage' },
  { name: 'than the model' },
] as const

/** An evaluation of one channel as a page, and its pictures as SVG files by the end of their name. */
export function evaluationReport({ channel, table, pictures }: ChannelEvaluation): {
  readonly page: string
  readonly svgs: readonly (readonly [ending: string, svg: string])[]
} {
  const errors = errorBars(table)
  const forecasts = pictures.map((picture) => ({ steps: picture.steps, chart: forecastOf(channel, picture) }))
  const page = evaluationHtml({
    title: `${channel}: evaluation`,
    sentence: table.sentence,
    caption: `Mean over ${table.horizons} ${table.horizons === 1 ? 'step' : 'steps'} ahead`,
    ...knownColumns(table.rows),
    notes: notesOf(table),
    charts: [
      { title: `Mean absolute error with its ${100 * table.confidence} % interval`, chart: errors },
      ...forecasts.map(({ steps, chart }) => ({
        title: `Forecast and truth, ${steps === 1 ? 'one step' : `${steps} steps`} ahead`,
        chart,
      })),
    ],
  })
  const svgs = forecasts.map(({ steps, chart }) => [`forecast-${steps}.svg`, svgFile(chart)] as const)
  return { page, svgs: [['errors.svg', svgFile(errors)], ...svgs] }
}

/** The page that leads to those of the channels: each with the model's error and that of the best simple method. */
export function evaluationIndex(
  judged: readonly ChannelEvaluation[],
  model: string,
  pageOf: (channel: string) => string,
): string {
  const rows = judged.map(({ channel, table }) => {
    const errors = table.rows.map((row) => ({ ...row, mae: judgementAt(row, 'all')?.mae.value ?? null }))
    const own = errors.find(({ isModel }) => isModel)?.mae ?? null
    const simple = errors.filter(({ isModel, mae }) => !isModel && mae !== null).sort((a, b) => a.mae! - b.mae!)
    const best = simple[0]
    const ratio = own === null || best === undefined ? null : own / best.mae!
    return { cells: [channel, own, best?.name ?? null, best?.mae ?? null, ratio], href: encodeURI(pageOf(channel)) }
  })
  const wins = rows.filter(({ cells }) => Number(cells[4] ?? Number.POSITIVE_INFINITY) < 1).length
  return evaluationHtml({
    title: `${model}: evaluation`,
    sentence: `${model} has a smaller mean absolute error than every simple method on ${wins} of ${judged.length} channels.`,
    caption: 'Mean absolute error over all steps ahead',
    columns: [
      { name: 'channel' },
      { name: model },
      { name: 'best simple method' },
      { name: 'its error' },
      { name: 'ratio' },
    ],
    rows,
    notes: ['The page of a channel says which of these differences are more than chance.'],
    charts: [],
  })
}

function forecastOf(channel: string, { timeMs, truth, expected }: ForecastPicture): Chart {
  const last = (values: Float64Array): Float64Array => values.subarray(Math.max(0, values.length - shownRows))
  return forecastChart({ name: channel, timeMs: last(timeMs), truth: last(truth), predicted: last(expected) })
}

/** The columns in which something is known, and their rows. */
function knownColumns(rows: readonly PredictorRow[]): Pick<Parameters<typeof evaluationHtml>[0], 'columns' | 'rows'> {
  const cells = rows.map(cellsOf)
  const known = columns.map((_, at) => cells.some((row) => row[at] !== null && row[at] !== undefined))
  return {
    columns: columns.filter((_, at) => known[at]),
    rows: rows.map(({ isModel }, n) => ({ cells: cells[n]!.filter((_, at) => known[at]), isOwn: isModel })),
  }
}

function cellsOf(row: PredictorRow): (string | number | null)[] {
  const judged = judgementAt(row, 'all')
  if (judged === undefined) return [row.name]
  const { mae, rmse, mse, mase, smape, crps, coverage, absolute } = judged
  const verdict = row.isModel ? 'the model' : (absolute?.verdict ?? null)
  return [row.name, mae.value, mae.low, mae.high, rmse.value, mse, mase, smape, crps, coverage, verdict]
}

function notesOf({ scale, notes, confidence }: EvaluationTable): string[] {
  return [
    `Intervals hold ${100 * confidence} % by the moving-block bootstrap; better and worse are said only where the interval of the paired difference leaves 0 out.`,
    `MASE divides by the mean error of the ${scale.by} forecast on the rows that the simple methods were fitted on.`,
    ...notes,
  ]
}

function errorBars({ rows }: EvaluationTable): Chart {
  const bars = rows.flatMap((row) => {
    const mae = judgementAt(row, 'all')?.mae
    if (mae === undefined || mae.value === null) return []
    const interval = mae.low === null || mae.high === null ? {} : { lower: mae.low, upper: mae.high }
    return [{ name: row.name, value: mae.value, isOwn: row.isModel, ...interval }]
  })
  return barsChart({
    label: 'Mean absolute error by method.',
    xTitle: 'mean absolute error',
    bars,
    empty: 'Nothing was judged.',
  })
}
