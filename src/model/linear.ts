/**
 * The linear model that a network corrects: a ridge regression on the sensor's last values and on context columns.
 *
 * Expected value h readings ahead, in scaled units: Σ weights·features + gate_h · scale_h · (what the network gives for h).
 * Shapes: weights (H,F) row-major; scale, gates (H). F as `linearWidth`: a 1, the last `lags` values (the newest first), then for each
 * context column its value now, its values `contextLags` readings ago, and its running `averages` (their weights).
 * Source: `detection.md`, recipe T.
 */
export interface LinearPart {
  readonly lags: number
  readonly contextLags: readonly number[]
  readonly averages: readonly number[]
  /** How many context columns there are. */
  readonly context: number
  readonly weights: Float32Array
  /** Root mean square of what is left on the rows that the weights were fitted on: the unit of the network's outputs. */
  readonly scale: Float32Array
  /** 0: the network says nothing for this horizon; 1: all of it counts. */
  readonly gates: Float32Array
}

/** What a linear part reads, before it is fitted. */
export type LinearShape = Pick<LinearPart, 'lags' | 'contextLags' | 'averages' | 'context'>

/** Features of one context column. */
function columnFeatures({ contextLags, averages }: LinearShape): number {
  return 1 + contextLags.length + averages.length
}

/** Numbers of one context column in the memory: its last values, then its averages. */
function columnMemory({ contextLags, averages }: LinearShape): number {
  return 1 + Math.max(0, ...contextLags) + averages.length
}

/** Features of a row. */
export function linearWidth(shape: LinearShape): number {
  return 1 + shape.lags + shape.context * columnFeatures(shape)
}

/** Numbers that a sensor's past is kept in; all zero is the empty memory. */
export function linearMemorySize(shape: LinearShape): number {
  return 1 + shape.lags + shape.context * columnMemory(shape)
}

/** Whether the network counts for any horizon. */
export function usesNetwork({ gates }: LinearPart): boolean {
  return gates.some((gate) => gate > 0)
}

/**
 * Takes one row of inputs into a memory: the value, then the context columns, all scaled. The first row stands for all before it.
 *
 * Shapes: memory `linearMemorySize` from `at` on; x (1 + context) from `xAt` on. Allocates: nothing.
 */
export function rememberInputs(
  shape: LinearShape,
  memory: Float32Array,
  at: number,
  x: Float32Array,
  xAt: number,
): void {
  const { lags, contextLags, averages, context } = shape
  const isFirst = memory[at] === 0
  memory[at] = 1
  pushValue(memory, at + 1, lags, x[xAt]!, isFirst)
  const depth = 1 + Math.max(0, ...contextLags)
  let column = at + 1 + lags
  for (let c = 1; c <= context; c++) {
    const value = x[xAt + c]!
    pushValue(memory, column, depth, value, isFirst)
    column += depth
    for (let k = 0; k < averages.length; k++) {
      const before = memory[column + k]!
      memory[column + k] = isFirst ? value : before + averages[k]! * (value - before)
    }
    column += averages.length
  }
}

function pushValue(memory: Float32Array, at: number, depth: number, value: number, isFirst: boolean): void {
  if (isFirst) memory.fill(value, at, at + depth)
  else memory.copyWithin(at + 1, at, at + depth - 1)
  memory[at] = value
}

/** Writes the features of a memory. Shapes: features (F). */
export function writeFeatures(shape: LinearShape, memory: Float32Array, at: number, features: Float64Array): void {
  const { lags, contextLags, averages, context } = shape
  features[0] = 1
  for (let lag = 0; lag < lags; lag++) features[1 + lag] = memory[at + 1 + lag]!
  const depth = 1 + Math.max(0, ...contextLags)
  let to = 1 + lags
  let column = at + 1 + lags
  for (let c = 0; c < context; c++) {
    features[to++] = memory[column]!
    for (const lag of contextLags) features[to++] = memory[column + lag]!
    for (let k = 0; k < averages.length; k++) features[to++] = memory[column + depth + k]!
    column += depth + averages.length
  }
}

/** What the linear part alone expects. Shapes: features (F); y (H) from `yAt` on. Sums are float64, in one order. */
export function linearForecast(
  { weights, scale }: LinearPart,
  features: Float64Array,
  y: Float32Array,
  yAt: number,
): void {
  const width = features.length
  for (let h = 0; h < scale.length; h++) {
    let sum = 0
    for (let k = 0; k < width; k++) sum += weights[h * width + k]! * features[k]!
    y[yAt + h] = sum
  }
}

/** Adds to a linear forecast what the network gives, as far as the gates are open. Shapes: g (H), y (H) from their places on. */
export function addCorrection(part: LinearPart, g: Float32Array, gAt: number, y: Float32Array, yAt: number): void {
  const { scale, gates } = part
  for (let h = 0; h < scale.length; h++) y[yAt + h] = y[yAt + h]! + gates[h]! * scale[h]! * g[gAt + h]!
}
