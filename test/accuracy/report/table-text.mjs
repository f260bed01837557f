/** @typedef {import('../run/parts.mjs').Table} Table */

/**
 * A number as people read it: four digits that count.
 * @param {string | number} cell
 */
export function cellText(cell) {
  if (typeof cell === 'string') return cell
  if (Number.isNaN(cell)) return '–'
  if (cell === Number.POSITIVE_INFINITY) return 'none'
  return Number.isInteger(cell) ? String(cell) : cell.toFixed(Math.abs(cell) >= 100 ? 1 : 3)
}

/**
 * A table for the terminal.
 * @param {Table} table
 */
export function tableText({ title, head, rows }) {
  const cells = [head, ...rows].map((row) => row.map(cellText))
  const widths = head.map((_, column) => Math.max(...cells.map((row) => (row[column] ?? '').length)))
  const lines = cells.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  )
  return [title, ...lines.map((line) => `  ${line}`), ''].join('\n')
}
