import { OperatingError } from '../base/errors.ts'

/** A stacked, unidirectional recurrent layer in PyTorch's words; `name` is the prefix in the state dict. */
export interface RecurrentModule {
  readonly name: string
  readonly type: 'GRU' | 'LSTM'
  readonly inputSize: number
  readonly hiddenSize: number
  readonly layers: number
  readonly bias: boolean
}

/** A linear layer on every step, or on the last step only. */
export interface LinearModule {
  readonly name: string
  readonly type: 'Linear'
  readonly inFeatures: number
  readonly outFeatures: number
  readonly bias: boolean
  readonly on: 'last' | 'every'
}

/** One recurrent module, optionally followed by a linear one. */
export interface Architecture {
  readonly recurrent: RecurrentModule
  readonly head: LinearModule | null
}

const recurrentKeys = [
  'name',
  'type',
  'input_size',
  'hidden_size',
  'num_layers',
  'bias',
  'bidirectional',
  'proj_size',
  'batch_first',
  'dropout',
]
const linearKeys = ['name', 'type', 'in_features', 'out_features', 'bias', 'on']

/**
 * Reads an architecture as JSON in PyTorch's own words: `{ "modules": [GRU or LSTM, optionally Linear] }`.
 *
 * Errors: `OperatingError('model')` naming what is not built (RNN, bidirectional, proj_size, other modules) or wrong.
 */
export function parseArchitecture(json: unknown): Architecture {
  const modules = (json as { modules?: unknown } | null)?.modules
  if (!Array.isArray(modules) || modules.length === 0) throw bad('expected { "modules": [ … ] }')
  if (modules.length > 2) throw bad(`${modules.length} modules; built is one GRU or LSTM and, after it, one Linear`)
  const recurrent = parseRecurrent(asObject(modules[0]))
  const head = modules.length === 2 ? parseLinear(asObject(modules[1])) : null
  if (head !== null && head.inFeatures !== recurrent.hiddenSize) {
    throw bad(`Linear takes ${head.inFeatures} features, ${recurrent.type} gives ${recurrent.hiddenSize}`)
  }
  return { recurrent, head }
}

/** The JSON form that `parseArchitecture` reads. */
export function architectureToJson(architecture: Architecture): { modules: Record<string, unknown>[] } {
  const { recurrent, head } = architecture
  const modules: Record<string, unknown>[] = [
    {
      name: recurrent.name,
      type: recurrent.type,
      input_size: recurrent.inputSize,
      hidden_size: recurrent.hiddenSize,
      num_layers: recurrent.layers,
      bias: recurrent.bias,
    },
  ]
  if (head !== null) {
    modules.push({
      name: head.name,
      type: 'Linear',
      in_features: head.inFeatures,
      out_features: head.outFeatures,
      bias: head.bias,
      on: head.on,
    })
  }
  return { modules }
}

function bad(detail: string): OperatingError {
  return new OperatingError('model', `architecture: ${detail}`)
}

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw bad('a module must be a JSON object')
  return value as Record<string, unknown>
}

function refuseUnknown(module: Record<string, unknown>, known: readonly string[]): void {
  for (const key of Object.keys(module)) {
    if (!known.includes(key)) throw bad(`${String(module['type'])} has no option "${key}" here`)
  }
}

function sizeOf(module: Record<string, unknown>, key: string, fallback?: number): number {
  const value = module[key] ?? fallback
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1 || value > 65_536) {
    throw bad(`${String(module['type'])}.${key} must be a whole number from 1 to 65536`)
  }
  return value
}

function flagOf(module: Record<string, unknown>, key: string, fallback: boolean): boolean {
  const value = module[key] ?? fallback
  if (typeof value !== 'boolean') throw bad(`${String(module['type'])}.${key} must be true or false`)
  return value
}

function nameOf(module: Record<string, unknown>): string {
  const value = module['name'] ?? ''
  if (typeof value !== 'string') throw bad('name must be a string: the prefix in the state dict')
  return value
}

function parseRecurrent(module: Record<string, unknown>): RecurrentModule {
  const type = module['type']
  if (type === 'RNN') throw bad('RNN is not built; GRU and LSTM are')
  if (type !== 'GRU' && type !== 'LSTM') throw bad(`the first module must be GRU or LSTM, not ${String(type)}`)
  refuseUnknown(module, recurrentKeys)
  if (flagOf(module, 'bidirectional', false)) throw bad(`bidirectional ${type} is not built`)
  if ((module['proj_size'] ?? 0) !== 0) throw bad(`${type} with proj_size is not built`)
  return {
    name: nameOf(module),
    type,
    inputSize: sizeOf(module, 'input_size'),
    hiddenSize: sizeOf(module, 'hidden_size'),
    layers: sizeOf(module, 'num_layers', 1),
    bias: flagOf(module, 'bias', true),
  }
}

function parseLinear(module: Record<string, unknown>): LinearModule {
  if (module['type'] !== 'Linear') throw bad(`the second module must be Linear, not ${String(module['type'])}`)
  refuseUnknown(module, linearKeys)
  const on = module['on'] ?? 'every'
  if (on !== 'last' && on !== 'every') throw bad('Linear.on must be "last" or "every"')
  return {
    name: nameOf(module),
    type: 'Linear',
    inFeatures: sizeOf(module, 'in_features'),
    outFeatures: sizeOf(module, 'out_features'),
    bias: flagOf(module, 'bias', true),
    on,
  }
}
