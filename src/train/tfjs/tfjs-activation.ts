import type { Tensor } from '@tensorflow/tfjs-core'
import type { Activation } from '../../model/activation.ts'
import type { TensorFlow } from './load-tensorflow.ts'

/** An activation in operations of TensorFlow.js, with the parameters of `model/activation.ts`; softmax is over the last dimension. */
export function activate(tf: TensorFlow, name: Activation, x: Tensor): Tensor {
  switch (name) {
    case 'relu':
      return tf.relu(x)
    case 'tanh':
      return tf.tanh(x)
    case 'sigmoid':
      return tf.sigmoid(x)
    case 'gelu':
      return tf.mul(tf.mul(0.5, x), tf.add(1, tf.erf(tf.mul(x, Math.SQRT1_2))))
    case 'gelu_tanh': {
      const cubed = tf.mul(tf.square(x), x)
      const inner = tf.mul(0.7978845608028654, tf.add(x, tf.mul(0.044715, cubed)))
      return tf.mul(tf.mul(0.5, x), tf.add(1, tf.tanh(inner)))
    }
    case 'silu':
      return tf.mul(x, tf.sigmoid(x))
    case 'elu':
      return tf.elu(x)
    case 'selu':
      return tf.selu(x)
    case 'leaky_relu':
      return tf.leakyRelu(x, 0.01)
    case 'softplus':
      return tf.softplus(x)
    case 'hard_sigmoid':
      return tf.clipByValue(tf.add(tf.mul(x, 1 / 6), 0.5), 0, 1)
    case 'hard_sigmoid_keras2':
      return tf.clipByValue(tf.add(tf.mul(x, 0.2), 0.5), 0, 1)
    case 'hard_tanh':
      return tf.clipByValue(x, -1, 1)
    case 'mish':
      return tf.mul(x, tf.tanh(tf.softplus(x)))
    case 'log_sigmoid':
      return tf.mul(-1, tf.softplus(tf.mul(-1, x)))
    case 'softsign':
      return tf.div(x, tf.add(1, tf.abs(x)))
    case 'exp':
      return tf.exp(x)
    case 'softmax':
      return tf.softmax(x)
  }
}
