import type { History } from '../../../../src/train/data/history.ts'

/** Values of a few waves with a little noise from a fixed sequence. */
export function waves(rows: number, phase = 0): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => {
    const noise = ((row * 7_919 + phase * 104_729) % 1_000) / 2_000
    return 20 + phase + 3 * Math.sin(row / 9 + phase) + noise
  })
}

/** A history of one reading a minute; `change` overwrites parts of it. */
export function historyOf(columns: readonly Float64Array[], change: Partial<History> = {}): History {
  const rows = columns[0]!.length
  const values = new Float64Array(rows * columns.length)
  for (const [at, column] of columns.entries()) {
    for (let row = 0; row < rows; row++) values[row * columns.length + at] = column[row]!
  }
  const gapBefore = new Uint8Array(rows)
  gapBefore[0] = 1
  return {
    name: 'pump',
    channels: columns.map((_, at) => `c${at}`),
    context: [],
    timeMs: Float64Array.from({ length: rows }, (_, row) => 60_000 * row),
    values,
    gapBefore,
    stepMs: 60_000,
    ...change,
  }
}
