import { type Stats, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { messageOf, OperatingError } from '../base/errors.ts'
import { nearestWord } from '../config/nearest.ts'
import type { PipelineModels } from '../core/live-pipeline.ts'
import type { Model } from '../model/model.ts'
import { loadModelFiles, shippedModels } from './model-files.ts'
import { loadPipelineModels, readModelSet } from './model-set.ts'
import { defaultRegistry, Registry } from './registry/registry.ts'
import { parseReference, type Reference } from './registry/registry-names.ts'
import { RegistryRefusal } from './registry/registry-refusal.ts'

/** Where a model that was named comes from; `path` is what `loadPipelineModels` and `readModel` take. */
export type ModelOrigin =
  | { readonly kind: 'shipped' | 'path'; readonly path: string }
  | {
      readonly kind: 'registered'
      readonly path: string
      readonly name: string
      readonly version: number
      /** `NAME@VERSION`, which stays; false for `NAME`, which is whatever version is live. */
      readonly isPinned: boolean
    }

/**
 * Finds a model by what a person wrote: a name that ships, a directory or file that is there, or a registered `NAME`
 * (its live version) or `NAME@VERSION`. The files of a registered version are compared with what was registered.
 *
 * Errors: `OperatingError('model')` for a name that is none of these, with the nearest registered one;
 * `RegistryRefusal` for a registered name without such a version, or without a live one.
 */
export function resolveModel(named: string, root: string = defaultRegistry): ModelOrigin {
  if (Object.hasOwn(shippedModels, named)) return { kind: 'shipped', path: shippedModels[named]! }
  if (isThere(named)) return { kind: 'path', path: named }
  const registry = new Registry(root)
  const reference = parseReference(named)
  const names = registry.names()
  if (reference !== undefined && names.includes(reference.name)) return registered(registry, reference)
  throw new OperatingError('model', unknownModel(named, reference, names, root))
}

/** Errors: `OperatingError('model')` where the file system does not let one see. */
function isThere(path: string): boolean {
  try {
    const found = (one: string): Stats | undefined => statSync(one, { throwIfNoEntry: false })
    return found(path)?.isFile() === true || found(join(path, 'model.json')) !== undefined
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENAMETOOLONG') return false
    const fix = 'give the user that runs residua the right to read it'
    throw new OperatingError('model', `${path} cannot be read (${messageOf(cause)}): ${fix}`, { cause })
  }
}

function registered(registry: Registry, { name, version: asked }: Reference): ModelOrigin {
  const version = asked ?? registry.read(name)?.live ?? null
  if (version === null) {
    const fix = `name a version (${name}@1), or make one live with residua models promote`
    throw new RegistryRefusal('conflict', `no version of the registered model ${name} is live: ${fix}`)
  }
  const { dir } = registry.version(name, version)
  registry.verify(name, version)
  return { kind: 'registered', path: dir, name, version, isPinned: asked !== null }
}

function unknownModel(named: string, reference: Reference | undefined, names: readonly string[], root: string): string {
  const shipped = Object.keys(shippedModels)
  const nearest = nearestWord(reference?.name ?? named, [...shipped, ...names])
  const known = `models that ship: ${shipped.join(', ')}; registered in ${root}: ${names.join(', ') || 'none'}`
  const hint = nearest === undefined ? known : `did you mean ${nearest}? ${known}`
  return `no model "${named}": ${join(resolve(named), 'model.json')} does not exist (${hint})`
}

/** The models of a pipeline, and where they come from. Errors: as `resolveModel` and as loading. */
export function loadNamedModels(named: string, root?: string): PipelineModels & { readonly origin: ModelOrigin } {
  const origin = resolveModel(named, root)
  return { ...loadPipelineModels(origin.path), origin }
}

/** One model by its name. Errors: as `resolveModel` and as loading; a directory with a model a sensor is refused. */
export function loadNamedModel(named: string, root?: string): Model {
  const { path } = resolveModel(named, root)
  const folders = readModelSet(path)
  if (folders === null) return loadModelFiles(path)
  const [first] = folders.values()
  throw new OperatingError(
    'model',
    `${named} holds a model a sensor: name one of them by its directory, such as ${first}`,
  )
}
