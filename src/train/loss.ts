import { assert } from '../base/assert.ts'
import { exp, log, log1p, sigmoid, tanh } from '../base/math.ts'

type Numbers = Float32Array | Float64Array

/**
 * A loss of predictions and targets, the mean over all values; its gradient at the predictions is written to `gradient`.
 *
 * Shapes: all three alike. Sums are float64.
 */
export type Loss = (prediction: Numbers, target: Numbers, gradient: Numbers) => number

/** A loss of one value and its slope there, e = prediction − target. */
type OfError = (e: number) => { readonly loss: number; readonly slope: number }

function meanOf(compute: OfError): Loss {
  return (prediction, target, gradient) => {
    const n = prediction.length
    assert(
      target.length === n && gradient.length === n,
      `a loss of ${n} predictions needs as many targets and gradients`,
    )
    let sum = 0
    for (let i = 0; i < n; i++) {
      const { loss, slope } = compute(prediction[i]! - target[i]!)
      sum += loss
      gradient[i] = slope / n
    }
    return sum / n
  }
}

/** −1, 0 or 1; NaN stays NaN. */
function signOf(e: number): number {
  return e > 0 ? 1 : e < 0 ? -1 : e === 0 ? 0 : e
}

/** Mean squared error, e². */
const mse = meanOf((e) => ({ loss: e * e, slope: 2 * e }))

/** Mean absolute error, |e|; its slope at 0 is 0. */
const mae = meanOf((e) => ({ loss: Math.abs(e), slope: signOf(e) }))

/** ½e² within ±delta, delta·(|e| − ½delta) beyond. Source: Huber 1964, as PyTorch's HuberLoss. */
function huber(delta = 1): Loss {
  return meanOf((e) => {
    const size = Math.abs(e)
    if (size > delta) return { loss: delta * (size - 0.5 * delta), slope: delta * signOf(e) }
    return { loss: 0.5 * e * e, slope: e }
  })
}

/** ½e²/beta within ±beta, |e| − ½beta beyond: Huber's loss divided by beta. Source: PyTorch's SmoothL1Loss. */
function smoothL1(beta = 1): Loss {
  return meanOf((e) => {
    const size = Math.abs(e)
    if (size >= beta) return { loss: size - 0.5 * beta, slope: signOf(e) }
    return { loss: (0.5 * e * e) / beta, slope: e / beta }
  })
}

/** log cosh e, as |e| + log((1 + e^−2|e|)/2), which does not overflow. */
const logCosh = meanOf((e) => {
  const size = Math.abs(e)
  return { loss: size + log1p(exp(-2 * size)) - Math.LN2, slope: tanh(e) }
})

/** The quantile loss of one level: level·(target − prediction) below the target, (1 − level)·(prediction − target) above. */
function pinball(level: number): Loss {
  return meanOf((e) =>
    e < 0 ? { loss: -level * e, slope: -level } : { loss: (1 - level) * e, slope: e === 0 ? 0 : 1 - level },
  )
}

/** Binary cross-entropy of logits: max(x, 0) − x·target + log(1 + e^−|x|). Source: PyTorch's BCEWithLogitsLoss. */
const bceLogits: Loss = (prediction, target, gradient) => {
  const n = prediction.length
  assert(target.length === n && gradient.length === n, `a loss of ${n} predictions needs as many targets and gradients`)
  let sum = 0
  for (let i = 0; i < n; i++) {
    const x = prediction[i]!
    sum += Math.max(x, 0) - x * target[i]! + log1p(exp(-Math.abs(x)))
    gradient[i] = (sigmoid(x) - target[i]!) / n
  }
  return sum / n
}

/** How the Gaussian loss is taken. */
export interface GaussianOptions {
  /** Adds ½·log 2π, which no gradient depends on. Default false. */
  readonly full?: boolean
  /** The variance counts as at least this. Default 1e-6. */
  readonly eps?: number
}

/** Negative log likelihood of a normal distribution: ½·(log v + (mean − target)²/v). Source: PyTorch's GaussianNLLLoss. */
function gaussianNll(
  mean: Numbers,
  variance: Numbers,
  target: Numbers,
  gradient: { readonly mean: Numbers; readonly variance: Numbers },
  { full = false, eps = 1e-6 }: GaussianOptions = {},
): number {
  const n = mean.length
  assert(variance.length === n && target.length === n, `a loss of ${n} means needs as many variances and targets`)
  let sum = 0
  for (let i = 0; i < n; i++) {
    const v = Math.max(variance[i]!, eps)
    const e = mean[i]! - target[i]!
    sum += 0.5 * (log(v) + (e * e) / v + (full ? log(2 * Math.PI) : 0))
    gradient.mean[i] = e / v / n
    gradient.variance[i] = (0.5 * (1 / v - (e * e) / (v * v))) / n
  }
  return sum / n
}

/**
 * The loss of a `Gaussian` head, whose row is [mean (O)][standard deviation (O)]: ½·(log s² + (mean − target)²/s²).
 *
 * Shapes: prediction and gradient (R, 2·O), target (R, O).
 */
function gaussianHead(outputs: number): Loss {
  return (prediction, target, gradient) => {
    const rows = target.length / outputs
    assert(prediction.length === 2 * target.length, 'a Gaussian head gives a mean and a deviation for every target')
    let sum = 0
    for (let row = 0; row < rows; row++) {
      for (let o = 0; o < outputs; o++) {
        const at = 2 * row * outputs + o
        const s = Math.max(prediction[at + outputs]!, 1e-3)
        const e = (prediction[at]! - target[row * outputs + o]!) / s
        sum += log(s) + 0.5 * e * e
        gradient[at] = e / s / target.length
        gradient[at + outputs] = (1 - e * e) / s / target.length
      }
    }
    return sum / target.length
  }
}

/**
 * The loss of a `Quantile` head, whose row is [level 0 (O)][level 1 (O)]…: the mean of all pinball losses.
 *
 * Shapes: prediction and gradient (R, Q·O), target (R, O).
 */
function quantileHead(levels: readonly number[], outputs: number): Loss {
  return (prediction, target, gradient) => {
    const rows = target.length / outputs
    const width = levels.length * outputs
    assert(prediction.length === rows * width, `a Quantile head gives ${levels.length} values for every target`)
    let sum = 0
    for (let row = 0; row < rows; row++) {
      for (let j = 0; j < width; j++) {
        const level = levels[Math.floor(j / outputs)]!
        const e = prediction[row * width + j]! - target[row * outputs + (j % outputs)]!
        sum += e < 0 ? -level * e : (1 - level) * e
        gradient[row * width + j] = (e < 0 ? -level : e === 0 ? 0 : 1 - level) / prediction.length
      }
    }
    return sum / prediction.length
  }
}

/** The losses by name; those with a parameter are made by a call. */
export const losses = {
  mse,
  mae,
  huber,
  smoothL1,
  logCosh,
  pinball,
  bceLogits,
  gaussianNll,
  gaussianHead,
  quantileHead,
} as const
