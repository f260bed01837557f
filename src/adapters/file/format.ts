import { CsvRow } from '../../codec/csv-row.ts'

/** What a history file holds. */
export type FileFormat = 'csv' | 'ndjson' | 'line-protocol'

const byExtension: Readonly<Record<string, FileFormat>> = {
  csv: 'csv',
  tsv: 'csv',
  txt: 'csv',
  ndjson: 'ndjson',
  jsonl: 'ndjson',
  json: 'ndjson',
  lp: 'line-protocol',
  line: 'line-protocol',
}

/** The extension that decides, lower case, `.gz` passed over. */
export function extensionOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase()
  const plain = name.endsWith('.gz') ? name.slice(0, -3) : name
  const dot = plain.lastIndexOf('.')
  return dot < 0 ? '' : plain.slice(dot + 1)
}

/** The format that a file's extension speaks for; undefined when none does. */
export function formatOf(path: string): FileFormat | undefined {
  return byExtension[extensionOf(path)]
}

/**
 * Where the row at `at` ends (behind its line feed); -1 while that cannot be said without more bytes.
 *
 * `final`: no more bytes will come.
 */
export type RowEnd = (bytes: Buffer, at: number, final: boolean) => number

const lineEnd: RowEnd = (bytes, at, final) => {
  const feed = bytes.indexOf(10, at)
  return feed >= 0 ? feed + 1 : final ? bytes.length : -1
}

function csvRowEnd(delimiter: number): RowEnd {
  const row = new CsvRow(delimiter)
  return (bytes, at, final) => {
    const end = row.read(bytes, at, bytes.length)
    return final || (!row.open && bytes[end - 1] === 10) ? end : -1
  }
}

/** How rows of a format end: a line, or a CSV row whose quoted cells may hold line breaks. */
export function rowEndOf(format: FileFormat, delimiter: number): RowEnd {
  return format === 'csv' ? csvRowEnd(delimiter) : lineEnd
}

/** End of the last whole row in `bytes`, 0 when there is none. */
export function cutRows(bytes: Buffer, final: boolean, rowEnd: RowEnd): number {
  if (final) return bytes.length
  // Without a quote every line feed ends a row, which is the usual case and needs no walk through the rows.
  if (rowEnd === lineEnd || !bytes.includes(34)) return bytes.lastIndexOf(10) + 1
  let at = 0
  while (at < bytes.length) {
    const end = rowEnd(bytes, at, false)
    if (end < 0) break
    at = end
  }
  return at
}
