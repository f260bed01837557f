import { forecastChart, forecastSvg } from '../../train/report/forecast-chart.ts'
import { lossCurve, lossCurveSvg } from '../../train/report/loss-curve.ts'
import { notesHtml } from '../../train/report/page.ts'
import { residualHistogram, residualHistogramSvg } from '../../train/report/residual-histogram.ts'
import { tableHtml } from '../../train/report/table.ts'
import { trainingHtml } from '../../train/report/training-page.ts'
import { writeWhole } from '../model-directory.ts'
import type { Taught } from './taught.ts'

/** Rows of the test part that the picture of a forecast shows: what an eye can follow. */
const shownRows = 1_000
/** Channels with pictures of their own in a page; the table of the command has all. */
const shownChannels = 4

/** What `writeReport` writes. */
export const reportFiles = ['training.html', 'loss.svg', 'residuals.svg', 'forecast.svg', 'losses.csv'] as const

/** Writes the pictures of a training and the page that holds them. Errors: `OperatingError('write')`. */
export function writeReport(taught: Taught): void {
  const { dir, result, tests } = taught
  writeWhole(dir, 'loss.svg', lossCurveSvg(result.history, result.bestEpoch))
  const first = tests[0]
  if (first !== undefined) {
    writeWhole(dir, 'residuals.svg', residualHistogramSvg(first.residual))
    writeWhole(dir, 'forecast.svg', forecastSvg(shown(first)))
  }
  writeWhole(dir, 'losses.csv', lossesCsv(taught))
  writeWhole(
    dir,
    'training.html',
    trainingHtml({ title: taught.name, sentence: sentenceOf(taught), tables: gateHtml(taught), ...bodyOf(taught) }),
  )
}

function shown(test: Taught['tests'][number]): Parameters<typeof forecastChart>[0] {
  const part = (values: Float64Array): Float64Array => values.subarray(Math.max(0, values.length - shownRows))
  const { channel: name, timeMs, truth, expected } = test
  return { name, timeMs: part(timeMs), truth: part(truth), predicted: part(expected) }
}

/** What came of a training, in one sentence that does not flatter. */
export function sentenceOf({ result, tests, gate }: Taught): string {
  if (gate !== null) return gate.verdict
  const epochs = `Best epoch ${result.bestEpoch} of ${result.history.length}`
  const judged = tests.filter(({ mae, naiveMae }) => Number.isFinite(mae) && Number.isFinite(naiveMae))
  if (judged.length === 0) return `${epochs}; there was no part left to test it on.`
  const better = judged.filter(({ mae, naiveMae }) => mae < naiveMae).length
  const one = judged[0]!
  if (judged.length > 1) {
    return `${epochs}; one step ahead it is better than repeating the last value on ${better} of ${judged.length} channels.`
  }
  if (one.naiveMae === 0)
    return `${epochs}; on the test part the value never changes, so repeating the last one has no error.`
  const share = Math.abs(1 - one.mae / one.naiveMae) * 100
  const verdict =
    better === 1 ? `${share.toFixed(1)} % smaller than` : `not smaller (${share.toFixed(1)} % larger) than`
  return `${epochs}; one step ahead its mean error on the test part is ${verdict} that of repeating the last value.`
}

/** Persistence, linear model, linear model with network, and gate, by horizon; empty without a linear part. */
function gateHtml({ gate, tests }: Taught): string {
  if (gate === null) return ''
  const rows = gate.errors.map(({ horizon, persistence, linear, corrected, gate: open }) => {
    return { cells: [String(horizon), persistence, linear, corrected, open] }
  })
  const unit = tests.length > 1 ? 'scaled' : ''
  const columns = [
    { name: 'steps ahead' },
    { name: 'last value', unit },
    { name: 'linear', unit },
    { name: 'linear + network', unit },
    { name: 'gate', digits: 2 },
  ]
  const caption = `Mean error on ${gate.heldRows} held-back rows`
  return `<section class="card">${tableHtml(caption, columns, rows)}</section>\n${notesHtml([gate.verdict, ...gateNotes])}`
}

const gateNotes = [
  'Neither linear model nor network was fitted on these rows. The gate says how far the network may correct the linear model; each fifth of the rows is judged with the gates of the others.',
]

function bodyOf({
  result,
  tests,
  model,
  lesson,
}: Taught): Pick<Parameters<typeof trainingHtml>[0], 'facts' | 'charts'> {
  const { card, fingerprint, periodMs } = model
  const facts = [
    ['weights', fingerprint],
    ['summary', card?.summary ?? ''],
    ['data', card?.data ?? ''],
    ...(card?.from === undefined ? [] : [['from', card.from] as const]),
    ['windows', `${lesson.train.count} of ${lesson.train.ticks} rows; validation ${lesson.validation?.count ?? 0}`],
    ['step', periodMs === null ? 'any' : `${periodMs / 1_000} s`],
    ...Object.entries(card?.settings ?? {}).map(([key, value]) => [key, String(value)] as const),
    ['command', card?.command ?? ''],
  ] as const
  const charts = [
    { title: 'Loss', chart: lossCurve(result.history, result.bestEpoch) },
    ...tests.slice(0, shownChannels).flatMap((test) => [
      { title: `${test.channel}: forecast and truth, one step ahead`, chart: forecastChart(shown(test)) },
      { title: `${test.channel}: residuals on the test part`, chart: residualHistogram(test.residual) },
    ]),
  ]
  return { facts: facts.map(([name, value]) => [name, value] as const), charts }
}

function lossesCsv({ result }: Taught): string {
  const rows = result.history.map(({ epoch, train, validation, rate }) => [epoch, train, validation ?? '', rate].join())
  return `epoch,train,validation,rate\n${rows.join('\n')}\n`
}
