import { ConfigurationError } from '../base/errors.ts'
import type { LossName } from './fit/target-loss.ts'

type Json = Readonly<Record<string, unknown>>

/** What the data and the loss say of a network. */
export interface Widths {
  readonly inputs: number
  readonly outputs: number
  readonly loss: LossName
}

/** Levels of a quantile head that is not declared. */
const usualLevels = [0.05, 0.25, 0.5, 0.75, 0.95]

/**
 * Fills in the widths that a declaration leaves out: each follows from the module that is read, the first from the data,
 * the last from what is predicted. A plain head becomes the one that the loss needs (Gaussian, Quantile).
 *
 * Works when: what reads a Flatten without `ticks` says its own width.
 * Errors: `ConfigurationError` naming the module when a width that is given does not fit the data.
 */
export function fillWidths(modules: readonly Json[], { inputs, outputs, loss }: Widths): { modules: Json[] } {
  const widths = new Map<string, number | null>([['input', inputs]])
  let before = 'input'
  const filled = modules.map((module, at) => {
    const isLast = at === modules.length - 1
    const read = widthRead(module, before, widths)
    const full = fillOne(isLast ? headFor(module, loss) : module, read, isLast ? outputs : undefined, at)
    before = idOf(full, at)
    widths.set(before, widthOf(full, read))
    return full
  })
  return { modules: filled }
}

function headFor(module: Json, loss: LossName): Json {
  if (module['type'] !== 'Linear') return module
  const { on: _on, ...rest } = module
  if (loss === 'gaussian') return { floor: 1e-3, ...rest, type: 'Gaussian' }
  if (loss === 'quantile') return { levels: usualLevels, ...rest, type: 'Quantile' }
  return module
}

function idOf(module: Json, at: number): string {
  const name = module['id'] ?? module['name'] ?? ''
  return name === '' ? `${String(module['type'])}#${at + 1}` : String(name)
}

/** Features of what a module reads; null where that is not known here. */
function widthRead(module: Json, before: string, widths: ReadonlyMap<string, number | null>): number | null {
  const { inputs, input } = module
  if (!Array.isArray(inputs)) return widths.get(String(input ?? before)) ?? null
  const parts = inputs.map((id) => widths.get(String(id)) ?? null)
  if (module['type'] !== 'Concat') return parts[0] ?? null
  return parts.reduce((sum, part) => (sum === null || part === null ? null : sum + part), 0)
}

function fillOne(module: Json, read: number | null, outputs: number | undefined, at: number): Json {
  const width = read ?? undefined
  switch (module['type']) {
    case 'RNN':
    case 'LSTM':
    case 'GRU':
    case 'RNNCell':
    case 'LSTMCell':
    case 'GRUCell':
      return { input_size: checked(module, 'input_size', width, at), ...module }
    case 'Linear':
    case 'Gaussian':
    case 'Quantile': {
      const out = outputs === undefined ? {} : { out_features: checked(module, 'out_features', outputs, at) }
      return { in_features: checked(module, 'in_features', width, at), ...out, ...module }
    }
    case 'AdditiveAttention':
      return { in_features: checked(module, 'in_features', width, at), ...module }
    case 'MultiheadAttention':
      return { embed_dim: checked(module, 'embed_dim', width, at), ...module }
    case 'LayerNorm':
      return { normalized_shape: width, ...module }
    case 'BatchNorm1d':
      return { num_features: checked(module, 'num_features', width, at), ...module }
    default:
      return module
  }
}

function checked(module: Json, key: string, wanted: number | undefined, at: number): unknown {
  const given = module[key]
  if (given === undefined || given === wanted || wanted === undefined) return given ?? wanted
  const expected = `the data and the modules before make it ${wanted}; leave it out, or correct it`
  throw new ConfigurationError([{ path: `model.modules.${at}.${key}`, value: given, expected }])
}

/** Features of a module's value; null where that is not known here. */
function widthOf(module: Json, read: number | null): number | null {
  const number = (key: string): number => (typeof module[key] === 'number' ? module[key] : 0)
  switch (module['type']) {
    case 'RNN':
    case 'LSTM':
    case 'GRU': {
      const one = number('proj_size') || number('hidden_size')
      return module['bidirectional'] === true && (module['merge'] ?? 'concat') === 'concat' ? 2 * one : one
    }
    case 'RNNCell':
    case 'LSTMCell':
    case 'GRUCell':
      return number('hidden_size')
    case 'Linear':
      return number('out_features')
    case 'Flatten':
      return read === null || number('ticks') === 0 ? null : read * number('ticks')
    default:
      return read
  }
}
