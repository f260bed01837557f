import { OperatingError } from '../../base/errors.ts'
import {
  type LinearPart,
  type LinearShape,
  linearForecast,
  linearMemorySize,
  linearWidth,
  rememberInputs,
  writeFeatures,
} from '../../model/linear.ts'
import type { LinearSaid, Prepared } from '../data/prepare.ts'
import { NormalEquations } from '../evaluate/solve.ts'

/** Smallest unit of what is left, in scaled units: a series that the ridge explains wholly has nothing to blow up. */
const scaleFloor = 0.01

/** What is fitted: the shape but for the context columns, which the history has, and the penalty on every weight but the first. */
export interface RidgePlan extends Omit<LinearShape, 'context'> {
  readonly penalty: number
  readonly horizons: number
}

/**
 * Fits a ridge regression of the next `horizons` values on lags and context, on the training part alone; all gates are open.
 *
 * A row counts where its lags and all of its targets lie in the part and in one stretch without a gap. Histories that share
 * the model are fitted together, each in its own scale.
 * Errors: `OperatingError('read')` for fewer rows than features, which would not be a fit but a copy.
 */
export function ridgeOf(prepared: readonly Prepared[], plan: RidgePlan): LinearPart {
  const { lags, contextLags, averages, penalty, horizons } = plan
  const { history } = prepared[0]!
  const shape = { lags, contextLags, averages, context: history.context.length }
  const width = linearWidth(shape)
  const equations = new NormalEquations(width, horizons)
  eachFitRow(prepared, shape, horizons, (features, targets) => equations.add(features, ...targets))
  if (equations.rows < width) {
    const detail = `${history.name}: ${equations.rows} rows of the training part have ${lags} rows before and ${horizons} after them without a gap; a linear model of ${width} features needs at least as many`
    throw new OperatingError('read', detail)
  }
  const added = new Float64Array(width).fill(penalty)
  // The 1 goes free, but for what keeps the equations solvable where there is nothing but it.
  added[0] = 1e-9
  const weights = new Float32Array(horizons * width)
  for (let h = 0; h < horizons; h++) weights.set(equations.solve(width, added, h)!, h * width)
  const open = { ...shape, weights, gates: new Float32Array(horizons).fill(1) }
  return { ...open, scale: leftOver(prepared, { ...open, scale: new Float32Array(horizons).fill(1) }) }
}

/** Root mean squares of what is left on the rows of the fit, by horizon. */
function leftOver(prepared: readonly Prepared[], part: LinearPart): Float32Array {
  const horizons = part.scale.length
  const squares = new Float64Array(horizons)
  const y = new Float32Array(horizons)
  let rows = 0
  eachFitRow(prepared, part, horizons, (features, targets) => {
    linearForecast(part, features, y, 0)
    for (let h = 0; h < horizons; h++) squares[h] = squares[h]! + (targets[h]! - y[h]!) ** 2
    rows++
  })
  return Float32Array.from(squares, (sum) => Math.max(Math.sqrt(sum / rows), scaleFloor))
}

/** Calls back with features and targets of every row that is fitted. Both arrays are used again. */
function eachFitRow(
  prepared: readonly Prepared[],
  shape: LinearShape,
  horizons: number,
  take: (features: Float64Array, targets: readonly number[]) => void,
): void {
  const targets = new Array<number>(horizons).fill(0)
  for (const one of prepared) {
    const { gapBefore } = one.history
    const { from, to } = one.split.train
    eachRow(one, shape, to, (features, row) => {
      const first = row - shape.lags + 1
      if (first < from || row + horizons >= to) return
      if (gapBefore.subarray(first + 1, row + horizons + 1).includes(1)) return
      for (let h = 1; h <= horizons; h++) targets[h - 1] = one.scaled[row + h]!
      if (targets.every((value) => !Number.isNaN(value))) take(features, targets)
    })
  }
}

/** Runs the memory over a history's first `rows` rows, as it runs live, and calls back with the features of each. */
function eachRow(
  { history, inputs }: Prepared,
  shape: LinearShape,
  rows: number,
  take: (features: Float64Array, row: number) => void,
): void {
  const width = inputs.length / history.timeMs.length
  const memory = new Float32Array(linearMemorySize(shape))
  const features = new Float64Array(linearWidth(shape))
  for (let row = 0; row < rows; row++) {
    rememberInputs(shape, memory, 0, inputs, row * width)
    writeFeatures(shape, memory, 0, features)
    take(features, row)
  }
}

/** What a linear part expects of every row of a history. */
export function linearSaid(part: LinearPart, prepared: Prepared): LinearSaid {
  const horizons = part.scale.length
  const rows = prepared.history.timeMs.length
  const said = new Float32Array(rows * horizons)
  eachRow(prepared, part, rows, (features, row) => linearForecast(part, features, said, row * horizons))
  return { part, said }
}
