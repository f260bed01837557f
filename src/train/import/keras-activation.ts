import type { Activation } from '../../model/activation.ts'
import { ImportError } from './import-error.ts'

/** Keras' names of activations, in ours; `linear` is none. */
const names: Readonly<Record<string, Activation | null>> = {
  linear: null,
  relu: 'relu',
  tanh: 'tanh',
  sigmoid: 'sigmoid',
  gelu: 'gelu',
  silu: 'silu',
  swish: 'silu',
  elu: 'elu',
  softplus: 'softplus',
  hard_tanh: 'hard_tanh',
  mish: 'mish',
  selu: 'selu',
  log_sigmoid: 'log_sigmoid',
  softsign: 'softsign',
  exponential: 'exp',
  softmax: 'softmax',
}

/**
 * An activation as a configuration names it; null for none.
 *
 * `hard_sigmoid` is relu6(x + 3) / 6 in Keras 3 and clip(0.2·x + 0.5, 0, 1) before, under one name.
 */
export function activationOf(label: string, value: unknown, isKeras2: boolean): Activation | null {
  const name = nameOf(value)
  if (name === 'hard_sigmoid') return isKeras2 ? 'hard_sigmoid_keras2' : 'hard_sigmoid'
  if (Object.hasOwn(names, name)) return names[name]!
  throw new ImportError(label, `the activation ${JSON.stringify(name)} is not built`, `use one of ${known()}`)
}

function known(): string {
  return [...Object.keys(names), 'hard_sigmoid'].join(', ')
}

/** A name alone, or an object that wraps it. */
function nameOf(value: unknown): string {
  if (value === null || value === undefined) return 'linear'
  if (typeof value === 'string') return value
  const { config, class_name: className } = value as { config?: unknown; class_name?: unknown }
  if (typeof config === 'string') return config
  if (typeof config === 'object' && config !== null && 'name' in config) return String(config.name)
  return String(className).toLowerCase()
}
