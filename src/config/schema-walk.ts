import { z } from 'zod'

/** Any zod schema, as its structure is read here. */
export type AnySchema = z.core.$ZodType

/** What an option schema says of itself: see `ports/options.ts`. */
export interface SchemaMarks {
  readonly unit?: 'duration' | 'bytes' | 'time'
  readonly secret?: boolean
}

/** The schema inside optional, default, prefault, nullable, readonly, catch and pipe, as its input side has it. */
function inner(schema: AnySchema): AnySchema | undefined {
  const known = schema as z.core.$ZodTypes
  switch (known._zod.def.type) {
    case 'optional':
    case 'default':
    case 'prefault':
    case 'nullable':
    case 'readonly':
    case 'nonoptional':
    case 'catch':
      return known._zod.def.innerType
    case 'lazy':
      return known._zod.def.getter()
    case 'pipe':
      return (known._zod.def.in as z.core.$ZodTypes)._zod.def.type === 'transform'
        ? known._zod.def.out
        : known._zod.def.in
    default:
      return undefined
  }
}

function unwrap(schema: AnySchema): z.core.$ZodTypes {
  const next = inner(schema)
  return next === undefined ? (schema as z.core.$ZodTypes) : unwrap(next)
}

/** The marks of a schema, wherever in its wrappers they stand. */
export function marksOf(schema: AnySchema | undefined): SchemaMarks {
  if (schema === undefined) return {}
  const own = z.globalRegistry.get(schema) as SchemaMarks | undefined
  return own?.unit !== undefined || own?.secret !== undefined ? own : marksOf(inner(schema))
}

function accepts(schema: AnySchema, value: unknown): boolean {
  const known = unwrap(schema)
  switch (known._zod.def.type) {
    case 'object':
    case 'record':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    case 'array':
    case 'tuple':
      return Array.isArray(value)
    case 'literal':
      return known._zod.def.values.includes(value as z.core.util.Literal)
    case 'union':
      return known._zod.def.options.some((option) => accepts(option, value))
    default:
      return typeof value !== 'object'
  }
}

function discriminate(option: AnySchema, discriminator: string, value: unknown): boolean {
  const literal = childSchema(option, discriminator, undefined)
  const type = (value as Record<string, unknown> | null)?.[discriminator]
  return literal !== undefined && accepts(literal, type)
}

/** The branch of a union that a value is meant for: by its discriminator, else the first of its shape. */
export function branchOf(schema: AnySchema, value: unknown): AnySchema | undefined {
  const known = unwrap(schema)
  if (known._zod.def.type !== 'union') return known
  const { options } = known._zod.def
  const discriminator = (known._zod.def as { discriminator?: string }).discriminator
  const branch =
    discriminator === undefined
      ? options.find((option) => accepts(option, value))
      : options.find((option) => discriminate(option, discriminator, value))
  return branch === undefined ? undefined : branchOf(branch, value)
}

/** The schema of one key or index of a value; undefined where the schema knows none. */
export function childSchema(schema: AnySchema, key: string | number, value: unknown): AnySchema | undefined {
  const known = branchOf(schema, value) as z.core.$ZodTypes | undefined
  if (known === undefined) return undefined
  switch (known._zod.def.type) {
    case 'object':
      return Object.hasOwn(known._zod.def.shape, key) ? known._zod.def.shape[key] : undefined
    case 'record':
      return known._zod.def.valueType
    case 'array':
      return known._zod.def.element
    case 'tuple':
      return known._zod.def.items[Number(key)]
    case 'intersection':
      return childSchema(known._zod.def.left, key, value) ?? childSchema(known._zod.def.right, key, value)
    default:
      return undefined
  }
}

/** The keys that an object may have; those that are always refused are left out. */
export function knownKeys(schema: AnySchema, value: unknown): readonly string[] {
  const known = branchOf(schema, value) as z.core.$ZodTypes | undefined
  if (known?._zod.def.type === 'intersection') {
    return [...knownKeys(known._zod.def.left, value), ...knownKeys(known._zod.def.right, value)]
  }
  if (known?._zod.def.type !== 'object') return []
  return Object.entries(known._zod.def.shape)
    .filter(([, child]) => unwrap(child)._zod.def.type !== 'never')
    .map(([key]) => key)
}

/** The values of a union that is made of literals only; empty for any other schema. */
export function literalChoices(schema: AnySchema): readonly unknown[] {
  const known = unwrap(schema)
  if (known._zod.def.type === 'literal') return known._zod.def.values
  if (known._zod.def.type !== 'union') return []
  const choices = known._zod.def.options.map(literalChoices)
  return choices.every((values) => values.length > 0) ? choices.flat() : []
}
