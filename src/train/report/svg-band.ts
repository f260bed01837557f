import { pixel } from './markup.ts'

/**
 * The area between two lines as the `d` of a filled path, thinned to one edge a column of pixels.
 *
 * A column keeps its widest extent, so nothing that lay within the band is drawn outside. NaN in either line is a gap.
 * Shapes: x, top, bottom (N) in pixels, x not falling.
 */
export function bandPath(x: ArrayLike<number>, top: ArrayLike<number>, bottom: ArrayLike<number>): string {
  let path = ''
  let piece: Edge[] = []
  for (let i = 0; i < x.length; i++) {
    if (!Number.isFinite(x[i]! + top[i]! + bottom[i]!)) {
      path += closed(piece)
      piece = []
      continue
    }
    const before = piece.at(-1)
    if (before !== undefined && Math.floor(before.x) === Math.floor(x[i]!)) {
      before.top = Math.min(before.top, top[i]!)
      before.bottom = Math.max(before.bottom, bottom[i]!)
    } else {
      piece.push({ x: x[i]!, top: top[i]!, bottom: bottom[i]! })
    }
  }
  return path + closed(piece)
}

interface Edge {
  readonly x: number
  top: number
  bottom: number
}

/** One piece as a polygon; a single edge is given the width of a pixel. */
function closed(piece: readonly Edge[]): string {
  if (piece.length === 0) return ''
  const edges = piece.length > 1 ? piece : [piece[0]!, { ...piece[0]!, x: piece[0]!.x + 1 }]
  const there = edges.map((edge) => `${pixel(edge.x)} ${pixel(edge.top)}`)
  const back = edges.map((edge) => `${pixel(edge.x)} ${pixel(edge.bottom)}`).reverse()
  return `M${[...there, ...back].join('L')}Z`
}
