import type { Architecture } from './architecture.ts'

/**
 * What a model's last module gives for each of its targets.
 *
 * Shapes: an output row is [value 0 (O)][value 1 (O)]… of O targets: target o's forecast is at `middle`·O + o.
 */
export interface Head {
  readonly kind: 'plain' | 'gaussian' | 'quantile'
  /** Values for each target: one; mean and standard deviation; or one a level. */
  readonly each: number
  /** Which of them is the forecast: the mean, or the quantile whose level is nearest to the median. */
  readonly middle: number
  /** Levels of the quantiles, rising; none of other heads. */
  readonly levels: readonly number[]
}

/** The head that an architecture ends with. */
export function headOf({ modules }: Architecture): Head {
  const last = modules.at(-1)!
  if (last.type === 'Gaussian') return { kind: 'gaussian', each: 2, middle: 0, levels: [] }
  if (last.type !== 'Quantile') return { kind: 'plain', each: 1, middle: 0, levels: [] }
  const { levels } = last
  const distances = levels.map((level) => Math.abs(level - 0.5))
  return { kind: 'quantile', each: levels.length, middle: distances.indexOf(Math.min(...distances)), levels }
}
