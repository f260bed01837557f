import { type TuneTrial, tuneHtml } from '../../train/report/tune-page.ts'
import { leaders, type RungEnd } from '../../train/tune/search.ts'
import type { JournalRow } from './journal.ts'

/** What trials are compared by, for tables and pictures. */
const objectiveName = 'error / last value'
/** Rows of the table on the screen; the page has more, and the journal all. */
const shownMax = 20

type RankedRow = JournalRow & RungEnd

/** The last result of every trial, best first. Failed trials are not in it. */
export function rankedRows(rows: readonly JournalRow[]): RankedRow[] {
  return leaders(rows.map((row) => ({ ...row, objective: row.objective ?? Number.NaN })))
}

/** The trials that failed, with their reasons. */
export function failedRows(rows: readonly JournalRow[]): JournalRow[] {
  return rows.filter(({ failed }) => failed !== undefined)
}

/** The table of trials, best first, for a person. */
export function leaderboardText(rows: readonly JournalRow[]): string {
  const ranked = rankedRows(rows)
  const paths = [...new Set(rows.flatMap(({ values }) => Object.keys(values)))]
  const head = ['rank', 'trial', objectiveName, 'validation loss', 'best epoch', 'epochs', ...paths]
  const lines = ranked
    .slice(0, shownMax)
    .map(({ trial, objective, validationLoss, bestEpoch, epochs, values }, at) => [
      String(at + 1),
      String(trial + 1),
      objective.toFixed(4),
      validationLoss?.toPrecision(4) ?? '',
      String(bestEpoch),
      String(epochs),
      ...paths.map((path) => wordOf(values[path])),
    ])
  const notes = failedRows(rows).map(({ trial, failed }) => `trial ${trial + 1} failed: ${failed}`)
  if (ranked.length > shownMax) notes.unshift(`${ranked.length - shownMax} more trials are not listed`)
  return `${[...aligned([head, ...lines]), ...notes].join('\n')}\n`
}

function aligned(table: readonly (readonly string[])[]): string[] {
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)))
  return table.map((row) => row.map((cell, column) => cell.padStart(widths[column]!)).join('  '))
}

function wordOf(value: unknown): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** The page of a search. */
export function searchPage(rows: readonly JournalRow[], title: string, notes: readonly string[]): string {
  const last = new Map<number, JournalRow>()
  for (const row of rows) last.set(row.trial, row)
  // In the order of their numbers, so that the page's numbers of trials are those of the table.
  const trials = [...last.values()]
    .sort((a, b) => a.trial - b.trial)
    .map(({ values, objective, rung }): TuneTrial => {
      const parameters = Object.entries(values).map(([path, value]) => {
        return [path, typeof value === 'number' ? value : wordOf(value)] as const
      })
      return { parameters: Object.fromEntries(parameters), loss: objective ?? Number.NaN, rung }
    })
  const failed = failedRows(rows).map(({ trial, failed: why }) => `Trial ${trial + 1} failed: ${why}.`)
  return tuneHtml({ trials, title, lossName: objectiveName, notes: [...notes, ...failed] })
}
