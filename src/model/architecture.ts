import { OperatingError } from '../base/errors.ts'
import type { Option } from './module-options.ts'
import { type Module, type ModulePlace, type ModuleType, moduleTable } from './module-table.ts'

/** Modules in the order in which they are computed; each reads the one before unless it says otherwise. */
export interface Architecture {
  readonly modules: readonly Module[]
}

type Json = Record<string, unknown>
type Options = Readonly<Record<string, Option<unknown>>>

const placeKeys = ['name', 'type', 'id', 'input', 'residual']

/**
 * Reads an architecture as JSON in PyTorch's own words: `{ "modules": [ { "type": "GRU", … }, … ] }`.
 *
 * `module-table.ts` has every module and option; defaults are filled in. What only the whole can tell, such as widths
 * that do not fit, is said by `lower`.
 * Errors: `OperatingError('model')` naming the module, the option, its value and what is allowed.
 */
export function parseArchitecture(json: unknown): Architecture {
  const given = (json as { modules?: unknown } | null)?.modules
  if (!Array.isArray(given) || given.length === 0) throw architectureError('expected { "modules": [ … ] }')
  const modules: Module[] = []
  const known = new Set(['input'])
  for (const [at, value] of given.entries()) {
    const module = parseModule(value, at, modules.at(-1)?.id ?? 'input')
    if (known.has(module.id)) {
      throw architectureError(`two modules have the id "${module.id}": give one of them another "id"`)
    }
    for (const id of sourcesOf(module)) {
      if (!known.has(id)) {
        throw architectureError(`${module.id} reads "${id}"; before it there are ${[...known].join(', ')}`)
      }
    }
    known.add(module.id)
    modules.push(module)
  }
  return { modules }
}

/** The ids of the modules that a module reads. */
export function sourcesOf(module: Module): readonly string[] {
  return 'inputs' in module ? module.inputs : [module.input]
}

/**
 * The JSON form that `parseArchitecture` reads: what differs from the defaults, in the table's order.
 *
 * `computing` leaves out what only training reads, such as dropout: fingerprints are of what a model computes.
 */
export function architectureToJson(
  architecture: Architecture,
  options: 'all' | 'computing' = 'all',
): { modules: Json[] } {
  const modules = architecture.modules.map((module, at) => {
    const json: Json = { name: module.name, type: module.type }
    if (module.id !== defaultId(module.name, module.type, at)) json['id'] = module.id
    const before = architecture.modules[at - 1]?.id ?? 'input'
    if (module.input !== before && !('inputs' in module)) json['input'] = module.input
    if (module.residual) json['residual'] = true
    for (const [key, option] of Object.entries(moduleTable[module.type] as Options)) {
      if (options === 'computing' && option.trainingOnly) continue
      const value = (module as unknown as Json)[key]
      const isDefault = JSON.stringify(value) === JSON.stringify(option.fallback)
      if (option.written === 'always' || (option.written === 'unless default' && !isDefault)) json[key] = value
    }
    return json
  })
  return { modules }
}

/** An error of a declaration; `detail` names the module and what is allowed. */
export function architectureError(detail: string): OperatingError {
  return new OperatingError('model', `architecture: ${detail}`)
}

function defaultId(name: string, type: string, at: number): string {
  return name === '' ? `${type}#${at + 1}` : name
}

function parseModule(value: unknown, at: number, before: string): Module {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw architectureError(`module ${at + 1} must be a JSON object`)
  }
  const json = value as Json
  const type = json['type']
  if (typeof type !== 'string' || !Object.hasOwn(moduleTable, type)) {
    const built = Object.keys(moduleTable).join(', ')
    throw architectureError(`module ${at + 1}: the type ${JSON.stringify(type)} is not built; built are ${built}`)
  }
  const options: Options = moduleTable[type as ModuleType]
  const place = parsePlace(json, type, at, before)
  const label = labelOf(place.id, type)
  for (const key of Object.keys(json)) {
    if (Object.hasOwn(options, key) || (placeKeys.includes(key) && !(key === 'input' && 'inputs' in options))) continue
    throw architectureError(`${label} has no option "${key}"; it has ${Object.keys(options).join(', ') || 'none'}`)
  }
  const filled: Json = {}
  for (const [key, option] of Object.entries(options)) filled[key] = readOption(label, key, option, json[key])
  // The table that fills the options is the one from which the type is made.
  return { type, ...place, ...filled } as unknown as Module
}

function labelOf(id: string, type: string): string {
  return id.startsWith(`${type}#`) ? id : `${id} (${type})`
}

function readOption(label: string, key: string, option: Option<unknown>, given: unknown): unknown {
  if (given === undefined) {
    if (option.fallback !== undefined) return option.fallback
    throw architectureError(`${label} needs "${key}": ${option.expected}`)
  }
  if (given === null && option.fallback === null) return null
  const value = option.read(given)
  if (value !== undefined) return value
  throw architectureError(`${label}: ${key} is ${JSON.stringify(given)}, it must be ${option.expected}`)
}

function parsePlace(json: Json, type: string, at: number, before: string): ModulePlace {
  const text = (key: string, fallback: string): string => {
    const value = json[key] ?? fallback
    if (typeof value === 'string') return value
    throw architectureError(`module ${at + 1} (${type}): ${key} is ${JSON.stringify(value)}, it must be a string`)
  }
  const name = text('name', '')
  const residual = json['residual'] ?? false
  if (typeof residual !== 'boolean') {
    throw architectureError(
      `module ${at + 1} (${type}): residual is ${JSON.stringify(residual)}, it must be true or false`,
    )
  }
  return { name, id: text('id', defaultId(name, type, at)), input: text('input', before), residual }
}
