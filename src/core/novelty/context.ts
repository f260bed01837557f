import { log } from '../../base/math.ts'
import { novelty } from './constants.ts'
import { contextCells, N, tableOffsets } from './layout.ts'

/** Counts that the 256 codes of a cell stand for: exact to 32, then 6 % apart, up to 14 millions. */
const counts = makeCounts()

function makeCounts(): Float64Array {
  const table = new Float64Array(256)
  for (let code = 1; code < 256; code++) table[code] = code <= 32 ? code : table[code - 1]! * 1.06
  return table
}

/** Which of sixteen levels a reading is at; the usual range has eight, in the middle. */
export function symbolOf(f: Float64Array, at: number, y: number): number {
  const place = Math.floor((novelty.symbols / 2) * ((y - f[at + N.symbolFrom]!) / f[at + N.symbolRange]!)) + 4
  return Math.min(Math.max(place, 0), novelty.symbols - 1)
}

/**
 * CONTEXT: how surprising the next symbol is, in bits, as the mean over four contexts: the symbol before it, the two and the
 * three before it, and the hour. Then counts it in all four, and never forgets.
 *
 * −log₂((n(context, symbol) + 0.05) / (n(context) + 0.8)). Counts have eight bits: above 32 a count goes up by chance, so that its
 * mean is right (Morris); the chance is a hash of the number of readings, so every run draws the same.
 * The longer contexts share 512 cells by hash: two that meet look more familiar than they are, never less.
 * Shapes: `cells` holds a sensor's tables from `from` on.
 * Source: R. Morris, Counting large numbers of events in small registers, CACM 21 (1978).
 */
export function takeSurprise(
  f: Float64Array,
  at: number,
  cells: Uint8Array,
  from: number,
  hour: number,
  symbol: number,
): number {
  const before = f[at + N.symbols]!
  const chance = mix(f[at + N.rows]!) / 4294967296
  const short = dense(cells, from + tableOffsets.before + (before & 15) * 16, symbol, chance)
  const hourly = dense(cells, from + tableOffsets.hours + hour * 16, symbol, chance)
  const two = hashed(cells, from + tableOffsets.contexts, 4096 + (before & 255), symbol, chance)
  const three = hashed(cells, from + tableOffsets.contexts, 8192 + before, symbol, chance)
  f[at + N.symbols] = ((before << 4) | symbol) & 4095
  // One logarithm of the product is the sum of four.
  return -log(short * hourly * two * three) / (4 * Math.LN2)
}

/** Share of a symbol in a context that has a cell for each symbol, as if a few had been seen before. */
function dense(cells: Uint8Array, row: number, symbol: number, chance: number): number {
  let sum = 0
  for (let i = 0; i < novelty.symbols; i++) sum += counts[cells[row + i]!]!
  const share = (counts[cells[row + symbol]!]! + novelty.priorCount) / (sum + novelty.priorSum)
  increment(cells, row + symbol, chance)
  return share
}

/** Alike, for a context whose sum has a cell of its own beside those of its symbols. */
function hashed(cells: Uint8Array, from: number, context: number, symbol: number, chance: number): number {
  const cell = from + (mix(context * 32 + symbol) % contextCells)
  const total = from + (mix(context * 32 + novelty.symbols) % contextCells)
  const count = counts[cells[cell]!]!
  const share = (count + novelty.priorCount) / (Math.max(counts[cells[total]!]!, count) + novelty.priorSum)
  increment(cells, cell, chance)
  increment(cells, total, chance)
  return share
}

function increment(cells: Uint8Array, cell: number, chance: number): void {
  const code = cells[cell]!
  if (code < 255 && chance * (counts[code + 1]! - counts[code]!) < 1) cells[cell] = code + 1
}

/** Thirty-two mixed bits of a whole number; the finalizer of MurmurHash3. */
function mix(x: number): number {
  let h = Math.imul(x, 0x9e3779b1)
  h = Math.imul(h ^ (h >>> 15), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}
