import type { Tensor } from '@tensorflow/tfjs-core'
import { headOf } from '../../model/head.ts'
import type { Model } from '../../model/model.ts'
import type { LossName } from '../fit/target-loss.ts'
import type { TensorFlow } from './load-tensorflow.ts'

/** The known targets of a batch, (R,O): their values, 0 elsewhere, and 1 where they are known. */
export interface KnownTargets {
  readonly values: Tensor
  readonly known: Tensor
  readonly count: number
}

/**
 * The mean loss of a batch over its known targets, in operations of TensorFlow.js: a scalar.
 *
 * Shapes: output (R,V·O) with V values of the head for each target, as in `TargetLoss`.
 */
export function lossValue(tf: TensorFlow, model: Model, loss: LossName, output: Tensor, targets: KnownTargets): Tensor {
  const { values, known, count } = targets
  const mean = (each: Tensor): Tensor => tf.div(tf.sum(tf.mul(each, known)), count)
  const error = (prediction: Tensor): Tensor => tf.sub(prediction, values)
  // max(e, 0) and max(−e, 0) both have a slope of 0 at 0, as the losses of our own kernels; tf.abs has −1 there.
  const sides = (e: Tensor): [Tensor, Tensor] => [tf.relu(e), tf.relu(tf.neg(e))]
  switch (loss) {
    case 'mse':
      return mean(tf.square(error(output)))
    case 'mae':
      return mean(tf.add(...sides(error(output))))
    case 'huber': {
      const size = tf.abs(error(output))
      const near = tf.clipByValue(size, 0, 1)
      return mean(tf.add(tf.mul(0.5, tf.square(near)), tf.sub(size, near)))
    }
    case 'gaussian': {
      const [middle, spread] = tf.split(output, 2, -1) as [Tensor, Tensor]
      const s = floored(tf, spread)
      return mean(tf.add(tf.log(s), tf.mul(0.5, tf.square(tf.div(error(middle), s)))))
    }
    case 'quantile': {
      const { levels } = headOf(model.architecture)
      const all = tf.split(output, levels.length, -1).map((one, at) => {
        const [above, below] = sides(error(one))
        return mean(tf.add(tf.mul(1 - levels[at]!, above), tf.mul(levels[at]!, below)))
      })
      return tf.div(
        all.reduce((a, b) => tf.add(a, b)),
        levels.length,
      )
    }
  }
}

/** At least 1e-3, with the slope of 1 also below: else a deviation that has fallen so far could never grow again. */
function floored(tf: TensorFlow, spread: Tensor): Tensor {
  return tf.customGrad((x) => ({
    value: tf.maximum(x as Tensor, 1e-3),
    gradFunc: (dy: Tensor) => dy,
  }))(spread)
}
