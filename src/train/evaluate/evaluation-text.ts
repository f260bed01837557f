import { columnText, numberText } from '../report/number-text.ts'
import {
  type Difference,
  type EvaluationTable,
  type Interval,
  type Judgement,
  judgementAt,
  type PredictorRow,
} from './evaluation-table.ts'

/** A column of the text: its head and one cell a predictor. */
interface TextColumn {
  readonly head: string
  readonly cells: readonly string[]
}

/**
 * An evaluation as text for a terminal: the finding, then a table with aligned columns for all horizons together and for
 * each of `horizons` (default: the first and the last). Columns in which nothing is known are left out.
 */
export function evaluationText(table: EvaluationTable, horizons?: readonly number[]): string {
  const single = horizons ?? [...new Set([1, table.horizons])]
  const places: (number | 'all')[] = table.horizons === 1 ? [1] : ['all', ...single]
  const blocks = places.map((place) => `${titleOf(table, place)}\n${blockText(table.rows, place)}`)
  const { by, value } = table.scale
  const legend =
    `Brackets: ${numberText(100 * table.confidence)} % intervals by block bootstrap. MASE is in units of ${numberText(value)}, ` +
    `the error of the ${by} forecast on the fit rows. Difference: mean absolute error less the model's.`
  return [table.sentence, ...blocks, [legend, ...table.notes].join('\n')].join('\n\n')
}

function titleOf({ horizons }: EvaluationTable, place: number | 'all'): string {
  if (place === 'all') return `Horizons 1 to ${horizons}`
  return place === 1 ? '1 row ahead' : `${place} rows ahead`
}

function blockText(rows: readonly PredictorRow[], place: number | 'all'): string {
  const judged = rows.map((row) => judgementAt(row, place))
  const numbers = (head: string, of: (judgement: Judgement) => number | null): TextColumn => ({
    head,
    cells: columnText(judged.map((judgement) => (judgement ? of(judgement) : null))),
  })
  const columns: TextColumn[] = [
    { head: 'method', cells: rows.map(({ name }) => name) },
    numbers('n', ({ n }) => n),
    { head: 'MAE', cells: judged.map((judgement) => intervalText(judgement?.mae)) },
    { head: 'RMSE', cells: judged.map((judgement) => intervalText(judgement?.rmse)) },
    numbers('MASE', ({ mase }) => mase),
    numbers('sMAPE %', ({ smape }) => smape),
    numbers('CRPS', ({ crps }) => crps),
    numbers('pinball', ({ pinball }) => pinball),
    numbers('in band %', ({ coverage }) => (coverage === null ? null : 100 * coverage)),
    numbers('promised %', ({ bandLevel }) => (bandLevel === null ? null : 100 * bandLevel)),
    numbers('width', ({ width }) => width),
    {
      head: 'than the model',
      cells: judged.map((judgement, at) => (rows[at]!.isModel ? '' : differenceText(judgement?.absolute))),
    },
  ]
  return alignedText(columns.filter(({ cells }) => cells.some((cell) => cell !== '–' && cell !== '')))
}

function intervalText(interval: Interval | undefined): string {
  if (interval === undefined || interval.value === null) return '–'
  const { value, low, high } = interval
  return low === null ? numberText(value) : `${numberText(value)} [${numberText(low)}, ${numberText(high)}]`
}

function differenceText(difference: Difference | null | undefined): string {
  return difference ? `${difference.verdict}, ${intervalText(difference)}` : '–'
}

/** Words stand at the left, numbers at the right; no line ends with blanks. */
function alignedText(columns: readonly TextColumn[]): string {
  const lines = [-1, ...columns[0]!.cells.keys()].map((at) =>
    columns
      .map(({ head, cells }, column) => {
        const width = Math.max(head.length, ...cells.map(({ length }) => length))
        const text = at < 0 ? head : cells[at]!
        const isWords = column === 0 || column === columns.length - 1
        return isWords ? text.padEnd(width) : text.padStart(width)
      })
      .join('  ')
      .trimEnd(),
  )
  return lines.join('\n')
}
