import { blocksKept, contextRows, N, shortRows, tableOffsets } from './layout.ts'

/** Means over the last readings: of ten and of sixty residuals, and of five surprises. */
export interface WindowMeans {
  short: number
  long: number
  surprise: number
}

/**
 * STREAMS: takes a residual and a surprise in and writes the means; over fewer readings while there are fewer.
 *
 * The long mean is of the open block of ten, five whole ones and as much of the oldest as makes sixty.
 * Shapes: `floats` holds a sensor's tables from `from` on, in floats.
 */
export function takeWindows(
  f: Float64Array,
  at: number,
  floats: Float32Array,
  from: number,
  residual: number,
  surprise: number,
  out: WindowMeans,
): void {
  const rows = f[at + N.rows]!
  const short = from + tableOffsets.short / 4
  floats[short + (rows % shortRows)] = residual
  out.short = mean(floats, short, Math.min(rows + 1, shortRows))
  const surprises = from + tableOffsets.surprises / 4
  floats[surprises + (rows % contextRows)] = surprise
  out.surprise = mean(floats, surprises, Math.min(rows + 1, contextRows))
  out.long = takeBlocks(f, at, floats, from + tableOffsets.blocks / 4, rows, residual)
}

function mean(floats: Float32Array, from: number, count: number): number {
  let sum = 0
  for (let i = 0; i < count; i++) sum += floats[from + i]!
  return sum / count
}

function takeBlocks(f: Float64Array, at: number, floats: Float32Array, from: number, rows: number, residual: number) {
  const inOpen = (rows % shortRows) + 1
  const closed = Math.floor(rows / shortRows)
  f[at + N.open] = f[at + N.open]! + residual
  let sum = f[at + N.open]!
  let count = inOpen
  for (let back = 1; back <= Math.min(closed, blocksKept); back++) {
    const share = back < blocksKept ? 1 : (shortRows - inOpen) / shortRows
    sum += share * floats[from + ((closed - back) % blocksKept)]!
    count += share * shortRows
  }
  if (inOpen === shortRows) {
    floats[from + (closed % blocksKept)] = f[at + N.open]!
    f[at + N.open] = 0
  }
  return sum / count
}
