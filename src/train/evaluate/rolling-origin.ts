import { ConfigurationError } from '../../base/errors.ts'
import type { RowRange } from '../data/history.ts'

/** One fold: fitted on all rows before a cut, tested on the rows after it. */
export interface Fold {
  readonly fit: RowRange
  readonly test: RowRange
}

/** How folds are laid. */
export interface FoldOptions {
  /** Rows of the first fold's fit part at least; default rows / (folds + 1). */
  readonly minimumFit?: number
  /** Rows left out between the two parts, as many as a window and its horizons overlap; default 0. */
  readonly gap?: number
}

/**
 * Folds for cross-validation in time: the fit part begins at row 0 and grows, the test parts are equally long, follow one
 * another and end with the last row. Nothing is shuffled; a test row is never before a fit row.
 *
 * Errors: `ConfigurationError` where a test part would have no row.
 * Source: Tashman, International Journal of Forecasting 16 (2000).
 */
export function rollingOrigin(rows: number, folds: number, options: FoldOptions = {}): Fold[] {
  const { gap = 0 } = options
  const minimumFit = options.minimumFit ?? Math.floor((rows - gap) / (folds + 1))
  const testRows = Math.floor((rows - gap - minimumFit) / folds)
  if (!Number.isInteger(folds) || folds < 1 || minimumFit < 1 || gap < 0 || testRows < 1) {
    throw new ConfigurationError([
      {
        path: 'folds',
        value: folds,
        expected: `a whole number, 1 or more, with at least one row to fit on and one to test on in each of them`,
        hint: `there are ${rows} rows, ${minimumFit} at least to fit on and ${gap} left out: take fewer folds`,
      },
    ])
  }
  return Array.from({ length: folds }, (_, fold) => {
    const from = rows - (folds - fold) * testRows
    return { fit: { from: 0, to: from - gap }, test: { from, to: from + testRows } }
  })
}
