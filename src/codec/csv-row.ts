/** A quoted cell longer than this has lost its closing quote: the row then ends at its line break. */
export const quotedBytesMax = 8_192

const quote = 34
const lineFeed = 10
const carriageReturn = 13
const blank = 32

/**
 * Cuts rows of delimited text into cells, RFC 4180 quoting included, without an object per cell.
 *
 * A quote opens a quoted cell only at the cell's start; it must close within `quotedBytesMax` bytes, otherwise it is an
 * ordinary character. That rule needs a bounded look ahead, so any cut of a file into blocks gives the same rows.
 */
export class CsvRow {
  count = 0
  /** Line breaks inside the quoted cells of the row. */
  innerLines = 0
  /** The row might go on behind the given end: a quote is open and the look ahead is not used up. */
  open = false
  starts = new Int32Array(64)
  ends = new Int32Array(64)
  doubled = new Uint8Array(64)
  readonly delimiter: number

  constructor(delimiter: number) {
    this.delimiter = delimiter
  }

  /** Reads the row that starts at `at`; returns where the next one starts. */
  read(bytes: Uint8Array, at: number, end: number): number {
    this.count = 0
    this.innerLines = 0
    this.open = false
    for (let index = at; ; ) {
      const stop = bytes[index] === quote && index < end ? this.#quoted(bytes, index, end) : -1
      index = stop >= 0 ? stop : this.#plain(bytes, index, end)
      if (index >= end) return end
      if (bytes[index] === lineFeed) return index + 1
      index++
    }
  }

  /** Text of cell `column`. */
  text(bytes: Buffer, column: number): string {
    const text = bytes.toString('utf8', this.starts[column], this.ends[column])
    return this.doubled[column] === 1 ? text.replaceAll('""', '"') : text
  }

  /** True when cell `column` holds nothing. */
  empty(column: number): boolean {
    return this.starts[column]! >= this.ends[column]!
  }

  #push(start: number, end: number, doubled: number): void {
    const at = this.count
    if (at === this.starts.length) this.#grow()
    this.starts[at] = start
    this.ends[at] = end
    this.doubled[at] = doubled
    this.count = at + 1
  }

  #grow(): void {
    const size = this.starts.length * 2
    const { starts, ends, doubled } = this
    this.starts = new Int32Array(size)
    this.ends = new Int32Array(size)
    this.doubled = new Uint8Array(size)
    this.starts.set(starts)
    this.ends.set(ends)
    this.doubled.set(doubled)
  }

  /** A cell without quotes, trimmed of blanks; returns its delimiter, its line feed or the end. */
  #plain(bytes: Uint8Array, at: number, end: number): number {
    const { delimiter } = this
    let index = at
    while (index < end && bytes[index] !== delimiter && bytes[index] !== lineFeed) index++
    let start = at
    let stop = index
    if (stop > start && bytes[stop - 1] === carriageReturn && (index === end || bytes[index] === lineFeed)) stop--
    while (start < stop && bytes[start] === blank) start++
    while (stop > start && bytes[stop - 1] === blank) stop--
    this.#push(start, stop, 0)
    return index
  }

  /** A quoted cell; returns what follows it, or -1 when it is none (then it is read as a plain cell). */
  #quoted(bytes: Uint8Array, at: number, end: number): number {
    const bound = at + 1 + quotedBytesMax
    const limit = Math.min(end, bound)
    let lines = 0
    let doubled = 0
    for (let index = at + 1; index < limit; index++) {
      const byte = bytes[index]
      if (byte === lineFeed) lines++
      if (byte !== quote) continue
      if (bytes[index + 1] === quote && index + 1 < end) {
        doubled = 1
        index++
        continue
      }
      let after = index + 1
      if (after === end && end < bound) this.open = true
      if (bytes[after] === carriageReturn && (after + 1 >= end || bytes[after + 1] === lineFeed)) after++
      if (after < end && bytes[after] !== this.delimiter && bytes[after] !== lineFeed) return -1
      this.innerLines += lines
      this.#push(at + 1, index, doubled)
      return Math.min(after, end)
    }
    if (end < bound) this.open = true
    return -1
  }
}
