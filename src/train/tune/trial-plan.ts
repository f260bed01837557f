import { ConfigurationError, OperatingError, type Problem } from '../../base/errors.ts'
import { parseArchitecture } from '../../model/architecture.ts'
import { inputOptions } from '../../model/lower.ts'
import { fillWidths } from '../fill-widths.ts'
import { parsePlan, type TrainingPlan, withSettings } from '../plan.ts'
import type { Assignment, Dimension } from './search-space.ts'

/** Fields that decide what is judged: trials that differ in them could not be compared. */
const yardstick = new Set([
  'data',
  ...['periodMs', 'maxAgeMs', 'value', 'skipAlarms', 'validation', 'test'].map((name) => `data.${name}`),
])

/**
 * The plan of one trial: what was declared, changed by its values. A preset is taken first, so that fields of its
 * modules can be varied by `model.modules.0.…`.
 *
 * Errors: `ConfigurationError` for a value that the plan does not take, or a place that is not in it.
 */
export function planOfTrial(declared: unknown, point: Assignment): TrainingPlan {
  const isInModules = (path: string): boolean => path.startsWith('model.modules.')
  const inModules = [...point].filter(([path]) => isInModules(path))
  const plain = [...point].filter(([path]) => !isInModules(path))
  const changed = withSettings(declared, new Map(plain))
  if (inModules.length === 0) return parsePlan(changed)
  const model = withSettings({ model: parsePlan(changed).model }, new Map(inModules)) as { model: unknown }
  for (const [path, value] of inModules) requirePlace(model, path, value)
  return parsePlan({ ...(changed as object), ...model })
}

/** A list is not made longer by a path: then the value went nowhere. */
function requirePlace(root: unknown, path: string, value: unknown): void {
  const steps = path.split('.')
  const reached = steps.reduce<unknown>((at, key) => (at as Record<string, unknown> | undefined)?.[key], root)
  if (reached === value) return
  throw new ConfigurationError([{ path, value, expected: 'there is no such module; the first one is 0' }])
}

/**
 * Tries every end and choice of a space on the plan, one field at a time, before anything is read or trained.
 *
 * Errors: `ConfigurationError` with the first mistake of each field.
 */
export function checkSearchSpace(declared: unknown, space: readonly Dimension[], halves: boolean): void {
  const problems: Problem[] = []
  for (const dimension of space) {
    const forbidden = forbiddenField(dimension.path, halves)
    if (forbidden !== undefined) problems.push(forbidden)
    else problems.push(...firstMistake(declared, space, dimension))
  }
  if (problems.length > 0) throw new ConfigurationError(problems)
  if (parsePlan(declared).data.validation > 0) return
  const expected = 'trials are compared on the validation part; there must be one'
  throw new ConfigurationError([{ path: 'data.validation', value: 0, expected }])
}

function forbiddenField(path: string, halves: boolean): Problem | undefined {
  if (yardstick.has(path)) {
    const hint = 'fix it with --set and tune once for each value'
    return { path, expected: 'it decides what trials are judged on, which must be the same for all', hint }
  }
  if (!halves || (path !== 'fit.epochs' && path !== 'fit')) return undefined
  const hint = 'give --epochs for the most, or --method random'
  return { path, expected: 'successive halving gives out the epochs itself', hint }
}

function firstMistake(declared: unknown, space: readonly Dimension[], dimension: Dimension): readonly Problem[] {
  // Another field may be what makes this one valid (an optimizer's kind, a preset), so the others hold their first value.
  const others = space.filter((one) => one !== dimension)
  const values = endsOf(dimension)
  for (const value of values) {
    try {
      const point = new Map(others.map((one) => [one.path, endsOf(one)[0]]))
      const { model, data, fit } = planOfTrial(declared, new Map([...point, [dimension.path, value]]))
      // Inputs are known when data have been read; what modules say of themselves is checked with a single one.
      const widths = { inputs: 1, outputs: data.horizons, loss: fit.loss }
      if (dimension.path.startsWith('model.')) parseArchitecture(fillWidths(withoutInputs(model.modules), widths))
    } catch (error) {
      if (error instanceof ConfigurationError) return error.problems
      if (error instanceof OperatingError) return [{ path: dimension.path, value, expected: error.message }]
      throw error
    }
  }
  return []
}

function withoutInputs(modules: TrainingPlan['model']['modules']): TrainingPlan['model']['modules'] {
  return modules.map((module, at) => {
    if ((module['input'] ?? (at === 0 ? 'input' : '')) !== 'input') return module
    return Object.fromEntries(Object.entries(module).filter(([key]) => !inputOptions.includes(key)))
  })
}

/** What is tried of a dimension: both ends, or every choice. */
export function endsOf(dimension: Dimension): readonly unknown[] {
  return dimension.kind === 'choices' ? dimension.values : [dimension.from, dimension.to]
}
