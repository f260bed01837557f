import { novelty } from './constants.ts'
import { cycleCells, N } from './layout.ts'
import { countOf, follow, learnMean, meanOf } from './packed-mean.ts'

/** Cells of one cycle of the usual length. */
const wholeCells = cycleCells / novelty.cyclesKept

/**
 * CYCLE: what a machine with a cycle of its own (a batch, a conveyor, a tank) usually says so long after its cycle began; NaN
 * where nothing is known of that.
 *
 * A cycle begins where the reading rises through the upper of two levels, having been below the lower one since the last. Its usual
 * length is a running mean; the cells are parts of one and a half of it. So no period has to be found first, and one that comes
 * early or late, as machines do, begins its cycle early or late.
 * Works when: the signal goes up and down through the middle of its usual range once a cycle. Fails when: it does so several
 * times, or the noise is as large as the cycle; its running error then tells, as that of the tables of the week does.
 * Shapes: `cells` (48) packed means from `from` on.
 */
export function usualInCycle(f: Float64Array, at: number, cells: Uint16Array, from: number): number {
  const cell = cellOf(f, at)
  if (cell < 0) return Number.NaN
  const late = cells[from + cell]!
  // Where a cycle was never so late, the next is expected to have begun.
  const packed = cell >= wholeCells && countOf(late) < novelty.otherMeans ? cells[from + cell - wholeCells]! : late
  return countOf(packed) >= novelty.otherMeans ? meanOf(packed) : Number.NaN
}

/** Whether the own cycle was clearly nearer lately than what is expected without it. */
export function followsCycle(f: Float64Array, at: number): boolean {
  return f[at + N.cycleError]! < novelty.cycleShare * f[at + N.otherError]!
}

/** Begins: no cycle yet, and equal errors. */
export function startCycle(f: Float64Array, at: number): void {
  f[at + N.cycleError] = 1
  f[at + N.otherError] = 1
}

/**
 * Takes a reading: how far off the cycle and the other expectation were (where there are both), the mean of its cell, then
 * whether a cycle begins with it.
 */
export function learnCycle(
  f: Float64Array,
  at: number,
  cells: Uint16Array,
  from: number,
  y: number,
  own: number,
  other: number,
): void {
  if (!Number.isNaN(own)) {
    follow(f, at + N.cycleError, y - own)
    follow(f, at + N.otherError, y - other)
  }
  const cell = cellOf(f, at)
  const rowsInCell = (novelty.cyclesKept * f[at + N.cycleLength]!) / cycleCells
  if (cell >= 0) learnMean(cells, from + cell, y, novelty.weekWeight / Math.max(rowsInCell, 1))
  f[at + N.cycleAge] = f[at + N.cycleAge]! + 1
  const place = (y - f[at + N.symbolFrom]!) / f[at + N.symbolRange]!
  if (place < novelty.cycleLow) f[at + N.isHigh] = 0
  if (f[at + N.isHigh] === 1 || place <= novelty.cycleHigh) return
  f[at + N.isHigh] = 1
  learnLength(f, at, f[at + N.cycleAge]!)
  f[at + N.cycleAge] = 0
  if (f[at + N.cycles]! < novelty.cyclesLeast) f[at + N.cycles] = f[at + N.cycles]! + 1
}

/** Which part of the cycle the coming reading is; −1 before the length is known, and where the cycle is overdue. */
function cellOf(f: Float64Array, at: number): number {
  if (f[at + N.cycles]! < novelty.cyclesLeast) return -1
  const part = f[at + N.cycleAge]! / (novelty.cyclesKept * f[at + N.cycleLength]!)
  return part < 1 ? Math.floor(part * cycleCells) : -1
}

/** The usual length of a cycle, in readings: the first whole one, then a running mean in which a pause counts for little. */
function learnLength(f: Float64Array, at: number, rows: number): void {
  if (f[at + N.cycles] === 0) return
  const before = f[at + N.cycleLength]!
  const counted = Math.min(rows, novelty.cyclesKept * before)
  f[at + N.cycleLength] = before === 0 ? rows : before + novelty.cycleWeight * (counted - before)
}
