import { pixel } from './markup.ts'

/** Points of a line in pixels, cut at gaps; each piece is a list of x, y, x, y, and so on. */
export type Pieces = readonly (readonly number[])[]

/**
 * Thins a line to what its pixels can show: of every column of one pixel the first, lowest, highest and last point.
 *
 * So a spike of one reading stays visible at any length, and the picture is the same as that of all points. A value
 * without a place (NaN) is a gap; a gap that is narrower than a pixel is not drawn.
 * Shapes: x, y (N) in pixels, x not falling. Cost: N.
 * Source: M4, Jugel et al., VLDB 2014.
 */
export function decimate(x: ArrayLike<number>, y: ArrayLike<number>): Pieces {
  const pieces: number[][] = []
  let piece: number[] = []
  let column: Column | null = null
  let gapSince = -1
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(x[i]!) || !Number.isFinite(y[i]!)) {
      if (gapSince < 0) gapSince = i
      continue
    }
    const at = Math.floor(x[i]!)
    const isGap = gapSince > 0 && x[i]! - x[gapSince - 1]! >= 1
    gapSince = -1
    if (column !== null && column.at === at && !isGap) {
      widen(column, i, y)
      continue
    }
    if (column !== null) push(piece, column, x, y)
    if (isGap && piece.length > 0) {
      pieces.push(piece)
      piece = []
    }
    column = { at, first: i, lowest: i, highest: i, last: i }
  }
  if (column !== null) push(piece, column, x, y)
  if (piece.length > 0) pieces.push(piece)
  return pieces
}

/** Indices of the points of one column of pixels that are kept. */
interface Column {
  readonly at: number
  readonly first: number
  lowest: number
  highest: number
  last: number
}

function widen(column: Column, i: number, y: ArrayLike<number>): void {
  if (y[i]! < y[column.lowest]!) column.lowest = i
  if (y[i]! > y[column.highest]!) column.highest = i
  column.last = i
}

function push(piece: number[], column: Column, x: ArrayLike<number>, y: ArrayLike<number>): void {
  const kept = [column.first, column.lowest, column.highest, column.last].sort((a, b) => a - b)
  for (const [k, i] of kept.entries()) if (k === 0 || kept[k - 1] !== i) piece.push(x[i]!, y[i]!)
}

/** Pieces as the `d` of a path; a piece of one point becomes a dot, where lines have round ends. */
export function pathOf(pieces: Pieces): string {
  let path = ''
  for (const piece of pieces) {
    for (let k = 0; k < piece.length; k += 2)
      path += `${k === 0 ? 'M' : 'L'}${pixel(piece[k]!)} ${pixel(piece[k + 1]!)}`
    if (piece.length === 2) path += 'h0'
  }
  return path
}
