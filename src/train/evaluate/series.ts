import type { RowRange } from '../data/history.ts'

/**
 * One channel of a history, as the simple methods read it.
 *
 * Shapes: values and gapBefore (T). Units: values in engineering units, NaN: missing; stepMs in ms.
 */
export interface Series {
  readonly values: Float64Array
  /** 1 where a gap in time lies before the row. */
  readonly gapBefore: Uint8Array
  /** The first rows, on which parameters may be fitted; all that follows is the future. */
  readonly fitRows: number
  /** Rows of one season; null where there is none. */
  readonly season: number | null
  readonly stepMs: number
}

/** A simple method beside which a network is judged. */
export interface Baseline {
  readonly name: string
  /** One phrase that says what it does. */
  readonly summary: string
  /**
   * Predicts from every row of a series.
   *
   * Shapes: the answer is (T,H): at row t, column h − 1, what was predicted of row t + h from the rows up to t, with
   * parameters fitted on the first `fitRows` rows. NaN where nothing can be said. Units: engineering units.
   */
  predict(series: Series, horizons: number): Float64Array
}

/** An answer of which nothing is known yet: (T,H) of NaN. */
export function emptyForecasts(series: Series, horizons: number): Float64Array {
  return new Float64Array(series.values.length * horizons).fill(Number.NaN)
}

/** The stretches of rows `from`…`to` without a missing value and without a gap inside. */
export function unbrokenRuns({ values, gapBefore }: Series, from: number, to: number): RowRange[] {
  const runs: RowRange[] = []
  let start = from
  const end = (row: number): void => {
    if (row > start) runs.push({ from: start, to: row })
  }
  for (let row = from; row < to; row++) {
    if (!Number.isFinite(values[row]!)) {
      end(row)
      start = row + 1
    } else if (gapBefore[row] === 1) {
      end(row)
      start = row
    }
  }
  end(to)
  return runs
}

/** The mean of the known values among the first `rows` rows; NaN where there are none. Units: engineering units. */
export function knownMean({ values }: Series, rows: number): number {
  let sum = 0
  let n = 0
  for (let row = 0; row < rows; row++) {
    if (!Number.isFinite(values[row]!)) continue
    sum += values[row]!
    n++
  }
  return sum / n
}

/** The same series as it was known at its first `rows` rows, of which `fitRows` may be fitted on. */
export function headOf(series: Series, rows: number, fitRows: number): Series {
  const values = series.values.subarray(0, rows)
  return { ...series, values, gapBefore: series.gapBefore.subarray(0, rows), fitRows }
}
