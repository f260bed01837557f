import { rangeOf } from './axis.ts'
import type { Chart } from './chart.ts'
import { fixedText, numberText } from './number-text.ts'
import { type Figure, figuresHtml, notesHtml, pageHtml } from './page.ts'
import { lineChart } from './svg-line.ts'
import { type ScatterPoint, scatterChart } from './svg-scatter.ts'
import { type Cell, type Column, tableHtml } from './table.ts'

/** One trial of a search; a trial that failed has the loss NaN. */
export interface TuneTrial {
  readonly parameters: Readonly<Record<string, number | string>>
  readonly loss: number
  /** How far successive halving let it go, counted from 0. */
  readonly rung?: number
}

/** A search over parameters, its trials in the order in which they ended. */
export interface TunePage {
  readonly trials: readonly TuneTrial[]
  readonly title?: string
  /** Default: what the best trial is. */
  readonly sentence?: string
  /** What the loss is, for the axes: "validation loss". */
  readonly lossName?: string
  readonly notes?: readonly string[]
}

/** Rows of the leaderboard: more are not read. */
const leadersMax = 50

/** The page of a search: one picture a parameter, the best loss so far, and the leaderboard. One HTML file. */
export function tuneHtml(page: TunePage): string {
  const { trials, title = 'Tuning', lossName = 'validation loss', notes = [] } = page
  const names = [...new Set(trials.flatMap(({ parameters }) => Object.keys(parameters)))]
  const ranking = rankingOf(trials)
  const best = ranking[0]
  const sentence = page.sentence ?? bestSentence(trials, best, lossName)
  const pictures: Figure[] = names.map((name) => ({
    title: name,
    chart: parameterChart(trials, name, best, lossName),
    isHalf: true,
  }))
  const course: Figure = { title: 'Best loss so far', chart: courseChart(trials, lossName) }
  const board = leaderboard(trials, ranking, names, lossName)
  return pageHtml({ title, sentence, body: figuresHtml([...pictures, course]) + board + notesHtml(notes) })
}

/** Places of trials from best to worst: those that went further first, for their losses were earned with more. */
function rankingOf(trials: readonly TuneTrial[]): number[] {
  const finished = trials.map((_, at) => at).filter((at) => Number.isFinite(trials[at]!.loss))
  const rung = (at: number): number => trials[at]!.rung ?? 0
  return finished.sort((a, b) => rung(b) - rung(a) || trials[a]!.loss - trials[b]!.loss || a - b)
}

function bestSentence(trials: readonly TuneTrial[], best: number | undefined, lossName: string): string {
  if (best === undefined) return 'No trial gave a loss.'
  const { loss, parameters } = trials[best]!
  const chosen = Object.entries(parameters).map(([name, value]) => `${name} ${cellText(value)}`)
  const among = trials.length === 1 ? 'only trial' : `best of ${fixedText(trials.length, 0)} trials`
  return `The ${among}, ${lossName} ${numberText(loss)}: ${chosen.join(', ')}.`
}

const cellText = (value: number | string): string => (typeof value === 'number' ? numberText(value, 3) : value)

function parameterChart(trials: readonly TuneTrial[], name: string, best: number | undefined, lossName: string): Chart {
  const top = rangeOf([trials.map(({ rung = 0 }) => rung)])?.[1] ?? 0
  const having = trials.map((_, at) => at).filter((at) => trials[at]!.parameters[name] !== undefined)
  const points = having.map((at): ScatterPoint => {
    const { loss, parameters, rung = 0 } = trials[at]!
    return { x: parameters[name]!, y: loss, tone: rung === top ? 3 : rung === top - 1 ? 2 : 1 }
  })
  const bestPoint = best === undefined ? -1 : having.indexOf(best)
  return scatterChart({
    label: `${lossName} of each trial against ${name}.`,
    xTitle: name,
    yTitle: lossName,
    points,
    ...(bestPoint < 0 ? {} : { best: bestPoint }),
    empty: 'No trial gave a loss.',
  })
}

function courseChart(trials: readonly TuneTrial[], lossName: string): Chart {
  let best = Number.POSITIVE_INFINITY
  const top = rangeOf([trials.map(({ rung = 0 }) => rung)])?.[1] ?? 0
  const y = trials.map(({ loss, rung = 0 }) => {
    // Losses of lower rungs came of less training and are not compared.
    if (rung === top && loss < best) best = loss
    return Number.isFinite(best) ? best : Number.NaN
  })
  return lineChart({
    label: `The best ${lossName} after each trial.`,
    xTitle: 'trial',
    yTitle: lossName,
    // Steps: a better loss is known from its trial on, not on the way to it.
    series: [
      {
        name: 'best',
        ink: 'own',
        x: y.flatMap((_, at) => [at + 1, at + 1]),
        y: y.flatMap((_, at) => [y[at - 1] ?? Number.NaN, y[at]!]),
      },
    ],
    empty: 'No trial gave a loss.',
  })
}

function leaderboard(
  trials: readonly TuneTrial[],
  ranking: readonly number[],
  names: readonly string[],
  lossName: string,
): string {
  const hasRungs = trials.some(({ rung }) => rung !== undefined)
  const columns: Column[] = [
    { name: 'rank' },
    { name: lossName, digits: 4 },
    ...(hasRungs ? [{ name: 'rung' }] : []),
    ...names.map((name) => ({ name })),
    { name: 'trial' },
  ]
  const rows = ranking.slice(0, leadersMax).map((at, place) => {
    const { loss, rung, parameters } = trials[at]!
    const values: Cell[] = names.map((name) => parameters[name] ?? null)
    return { cells: [place + 1, loss, ...(hasRungs ? [rung ?? 0] : []), ...values, at + 1], isOwn: place === 0 }
  })
  const hidden = ranking.length - rows.length
  const failed = trials.length - ranking.length
  const notes = [
    ...(hidden > 0 ? [`${fixedText(hidden, 0)} more trials are not listed.`] : []),
    ...(failed > 0 ? [`${fixedText(failed, 0)} ${failed === 1 ? 'trial' : 'trials'} gave no loss.`] : []),
  ]
  return `<section class="card">${tableHtml('Leaderboard', columns, rows)}</section>\n${notesHtml(notes)}`
}
