import { existsSync } from 'node:fs'
import { UsageError } from '../failure.ts'
import { shippedModels } from '../model-files.ts'
import { defaultRegistry, Registry, type Who } from '../registry/registry.ts'
import { parseReference, type Reference } from '../registry/registry-names.ts'
import { type WhoArguments, whoOf } from './who.ts'

interface PromoteArguments extends WhoArguments {
  readonly registry?: string
  readonly name?: string
  /** false: `--no-shadow`. */
  readonly shadow?: boolean
}

/**
 * Makes a registered version, or a directory that is registered first, live or the shadow; or ends the shadow.
 *
 * Errors: `UsageError` for what names no version; as `Registry`.
 */
export function promoteModel(named: string, args: PromoteArguments): void {
  const registry = new Registry(args.registry ?? defaultRegistry)
  const who = whoOf(args)
  if (args.shadow === false) {
    process.stdout.write(endShadow(registry, named, who))
    return
  }
  const { name, version } =
    args.name === undefined
      ? registeredVersion(registry, named)
      : registerDirectory(registry, args.name, shippedModels[named] ?? named, who)
  process.stdout.write(
    args.shadow === true ? makeShadow(registry, name, version, who) : makeLive(registry, name, version, who),
  )
}

/** `NAME@VERSION` of the command line. */
function registeredVersion(registry: Registry, named: string): { name: string; version: number } {
  const reference = parseReference(named)
  if (reference !== undefined && reference.version !== null) return { ...reference, version: reference.version }
  if (existsSync(named)) throw new UsageError(`${named} is not registered yet: say under which name with --name NAME`)
  if (reference === undefined) {
    throw new UsageError(`"${named}" is neither NAME@VERSION nor a directory, which needs --name NAME`)
  }
  // An unknown name is refused first: its versions cannot be told.
  const versions = registry.model(reference.name).versions.map(({ version }) => `${named}@${version}`)
  throw new UsageError(`${named} has versions: name one of ${versions.join(', ')}`)
}

function registerDirectory(registry: Registry, name: string, dir: string, who: Who): { name: string; version: number } {
  const before = registry.read(name)?.versions.length ?? 0
  const { version, fingerprint } = registry.add(name, dir, who)
  const isNew = (registry.read(name)?.versions.length ?? 0) > before
  const said = isNew ? `registered as ${name}@${version}` : `${name}@${version} already`
  process.stdout.write(`${dir} is ${said} (weights ${fingerprint})\n`)
  return { name, version }
}

function makeLive(registry: Registry, name: string, version: number, who: Who): string {
  const before = registry.read(name)?.live ?? null
  registry.promote(name, version, who)
  if (before === version) return `${name}@${version} is live already\n`
  const back = before === null ? '' : `; before it was ${name}@${before}: residua models rollback ${name} goes back`
  return `${name}@${version} is live${back}\n`
}

function makeShadow(registry: Registry, name: string, version: number, who: Who): string {
  const { live } = registry.shadow(name, version, who)
  const beside = live === null ? '; no version is live yet to compare it with' : ` beside ${name}@${live}`
  return `${name}@${version} is the shadow${beside}\n`
}

function endShadow(registry: Registry, named: string, who: Who): string {
  const reference: Reference | undefined = parseReference(named)
  const name = reference?.name ?? named
  const before = registry.model(name).shadow
  if (before === null) return `${name} has no shadow\n`
  if (reference !== undefined && reference.version !== null && reference.version !== before) {
    throw new UsageError(`${named} is not the shadow; ${name}@${before} is`)
  }
  registry.shadow(name, null, who)
  return `${name}@${before} is no shadow any more\n`
}
