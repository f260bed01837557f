import { escapeText } from './markup.ts'
import { columnText } from './number-text.ts'

/** What stands in a cell: words, a number, or null where nothing is known. */
export type Cell = string | number | null

/** A column of a table. */
export interface Column {
  readonly name: string
  readonly unit?: string
  /** Significant digits of the smallest number; default 3. */
  readonly digits?: number
  /** Which value is the best one, and set in bold. */
  readonly best?: 'lowest' | 'highest'
}

/** A row of a table. */
export interface Row {
  readonly cells: readonly Cell[]
  /** Our own network among others: its row has a ground of its own. */
  readonly isOwn?: boolean
  /** Where the row's first cell leads: a relative address. */
  readonly href?: string
}

/** A table as HTML: numbers at the right with their points in line, words at the left; wide ones scroll sideways. */
export function tableHtml(caption: string, columns: readonly Column[], rows: readonly Row[]): string {
  const texts = columns.map(({ digits }, at) => columnCells(rows, at, digits))
  const isNumeric = columns.map((_, at) => rows.some(({ cells }) => typeof cells[at] === 'number'))
  const best = columns.map((column, at) => bestOf(column, rows, at))
  const heads = columns.map(({ name, unit }, at) => {
    const sign = unit === undefined || unit === '' ? '' : ` <span class="unit">${escapeText(unit)}</span>`
    return `<th scope="col"${isNumeric[at] ? ' class="number"' : ''}>${escapeText(name)}${sign}</th>`
  })
  const lines = rows.map(({ isOwn = false, cells, href }, k) => {
    const row = columns.map((_, at) => {
      const text = escapeText(texts[at]![k]!)
      if (at === 0 && !isNumeric[0]) return `<th scope="row">${href === undefined ? text : linkTo(href, text)}</th>`
      const isBest = best[at] !== undefined && cells[at] === best[at]
      return `<td${isNumeric[at] ? ' class="number"' : ''}>${isBest ? `<strong>${text}</strong>` : text}</td>`
    })
    return `<tr${isOwn ? ' class="own"' : ''}>${row.join('')}</tr>`
  })
  const name = escapeText(caption)
  return (
    `<div class="scroll" role="region" aria-label="${name}" tabindex="0"><table><caption>${name}</caption>` +
    `<thead><tr>${heads.join('')}</tr></thead>\n<tbody>\n${lines.join('\n')}\n</tbody></table></div>\n`
  )
}

function linkTo(address: string, text: string): string {
  return `<a href="${escapeText(address)}">${text}</a>`
}

function columnCells(rows: readonly Row[], at: number, digits = 3): string[] {
  const cells = rows.map((row) => row.cells[at] ?? null)
  const numbers = columnText(
    cells.map((cell) => (typeof cell === 'number' ? cell : null)),
    digits,
  )
  return cells.map((cell, k) => (typeof cell === 'string' ? cell : numbers[k]!))
}

function bestOf({ best }: Column, rows: readonly Row[], at: number): number | undefined {
  const values = rows.flatMap(({ cells }) => (Number.isFinite(cells[at]) ? [cells[at] as number] : []))
  if (best === undefined || values.length < 2) return undefined
  return best === 'lowest' ? Math.min(...values) : Math.max(...values)
}
