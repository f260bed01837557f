import type { History } from '../data/history.ts'
import type { Split } from '../data/prepare.ts'

/**
 * Histories without the context columns that never change in any training part: such a column explains nothing there, and
 * a scale that is learned from it would make a later change huge.
 */
export function varyingContext(histories: readonly History[], splits: readonly Split[]): readonly History[] {
  const { context } = histories[0]!
  const kept = context.map((_, column) => histories.some((history, at) => varies(history, splits[at]!, column)))
  return kept.every((one) => one) ? histories : histories.map((history) => withContext(history, kept))
}

function varies({ channels, context, values }: History, { train }: Split, column: number): boolean {
  const width = channels.length + context.length
  let first = Number.NaN
  for (let row = train.from; row < train.to; row++) {
    const value = values[row * width + channels.length + column]!
    if (Number.isNaN(value)) continue
    if (Number.isNaN(first)) first = value
    else if (value !== first) return true
  }
  return false
}

function withContext(history: History, kept: readonly boolean[]): History {
  const { channels, context, values, timeMs } = history
  const width = channels.length + context.length
  const columns = Array.from({ length: width }, (_, at) => at).filter((at) => kept[at - channels.length] ?? true)
  const rows = new Float64Array(timeMs.length * columns.length)
  for (let row = 0; row < timeMs.length; row++) {
    for (const [to, from] of columns.entries()) rows[row * columns.length + to] = values[row * width + from]!
  }
  return { ...history, context: context.filter((_, at) => kept[at]), values: rows }
}
