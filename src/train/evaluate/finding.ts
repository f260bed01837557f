import { numberText } from '../report/number-text.ts'
import { type Difference, judgementAt, type PredictorRow, type Verdict } from './evaluation-table.ts'

/**
 * What an evaluation found, in words: which simple method beats the model, over all horizons by absolute error, then by
 * squared error and at single horizons where that tells something else; or that none does.
 */
export function findingOf(rows: readonly PredictorRow[], horizons: number): string {
  const model = rows[0]!
  const others = rows.slice(1).filter(({ isCompared }) => isCompared)
  const whole = judgementAt(model, 'all')
  if (whole === undefined || whole.n === 0) {
    return 'Nothing could be judged: no row of the range has a value that all methods predicted at every horizon.'
  }
  const over = horizons === 1 ? 'one row ahead' : `over horizons 1 to ${horizons}`
  if (others.length === 0) return `${model.name} was judged alone ${over}: no simple method could be compared with it.`
  const winners = namesWith(others, 'better')
  const first = winners.length > 0 ? lossOf(model, others, winners, over) : winOf(model, others, over)
  return [first, ...squaredFinding(others), ...horizonFindings(others, horizons)].join(' ')
}

/** The absolute difference of a row over all horizons. */
function wholeDifference(row: PredictorRow): Difference | null {
  return judgementAt(row, 'all')?.absolute ?? null
}

function wholeError(row: PredictorRow): number {
  return judgementAt(row, 'all')?.mae.value ?? Number.POSITIVE_INFINITY
}

function namesWith(rows: readonly PredictorRow[], verdict: Verdict): string[] {
  return rows.filter((row) => wholeDifference(row)?.verdict === verdict).map(({ name }) => name)
}

function bestOf(rows: readonly PredictorRow[]): PredictorRow {
  return rows.reduce((best, row) => (wholeError(row) < wholeError(best) ? row : best))
}

function lossOf(
  model: PredictorRow,
  others: readonly PredictorRow[],
  winners: readonly string[],
  over: string,
): string {
  const best = bestOf(others.filter(({ name }) => winners.includes(name)))
  const rest = winners.filter((name) => name !== best.name)
  const too = rest.length === 0 ? '' : ` ${listText(rest)} ${rest.length === 1 ? 'beats' : 'beat'} it, too.`
  return (
    `${model.name} loses to a simple method: ${best.name} beats it ${over}, ` +
    `with a mean absolute error of ${numberText(wholeError(best))} against ${numberText(wholeError(model))}.${too}`
  )
}

function winOf(model: PredictorRow, others: readonly PredictorRow[], over: string): string {
  const best = bestOf(others)
  const equals = namesWith(others, 'no clear difference')
  const numbers = `mean absolute error ${numberText(wholeError(model))}, ${best.name} as the best of them ${numberText(wholeError(best))}`
  if (equals.length === 0) return `No simple method beats ${model.name} ${over}: all are worse (${numbers}).`
  return `No simple method clearly beats ${model.name} ${over} (${numbers}), but ${listText(equals)} cannot be told from it.`
}

/** Names the methods that win by squared error, where those are not the ones that win by absolute error. */
function squaredFinding(others: readonly PredictorRow[]): string[] {
  const winners = others
    .filter(
      (row) => judgementAt(row, 'all')?.squared?.verdict === 'better' && wholeDifference(row)?.verdict !== 'better',
    )
    .map(({ name }) => name)
  if (winners.length === 0) return []
  return [
    `By squared error, which weighs large misses, ${listText(winners)} ${winners.length === 1 ? 'beats' : 'beat'} it.`,
  ]
}

/** Names the single horizons at which methods win that do not win over all; methods with the same horizons together. */
function horizonFindings(others: readonly PredictorRow[], horizons: number): string[] {
  if (horizons === 1) return []
  const namesAt = new Map<string, string[]>()
  for (const row of others) {
    if (wholeDifference(row)?.verdict === 'better') continue
    const won = row.judgements.flatMap(({ horizon, absolute }) =>
      horizon !== 'all' && absolute?.verdict === 'better' ? [horizon] : [],
    )
    if (won.length === 0) continue
    const where = `At horizon${won.length === 1 ? '' : 's'} ${listText(stretchesOf(won))}`
    namesAt.set(where, [...(namesAt.get(where) ?? []), row.name])
  }
  return [...namesAt].map(
    ([where, names]) => `${where} ${listText(names)} ${names.length === 1 ? 'beats' : 'beat'} it.`,
  )
}

/** Rising whole numbers as text, three or more that follow one another as "8 to 12". */
function stretchesOf(numbers: readonly number[]): string[] {
  const texts: string[] = []
  for (let at = 0; at < numbers.length; ) {
    let end = at
    while (numbers[end + 1] === numbers[end]! + 1) end++
    if (end - at >= 2) texts.push(`${numbers[at]} to ${numbers[end]}`)
    else texts.push(...numbers.slice(at, end + 1).map(String))
    at = end + 1
  }
  return texts
}

/** "A", "A and B", "A, B and C". */
function listText(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
