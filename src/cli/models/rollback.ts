import { UsageError } from '../failure.ts'
import { defaultRegistry, Registry } from '../registry/registry.ts'
import { type WhoArguments, whoOf } from './who.ts'

interface RollbackArguments extends WhoArguments {
  readonly registry?: string
  readonly to?: string
}

/** Makes live again what was live before, and says so. Errors: `UsageError` for a wrong `--to`; as `Registry`. */
export function rollbackModel(name: string, args: RollbackArguments): void {
  const registry = new Registry(args.registry ?? defaultRegistry)
  const before = registry.model(name).live
  const { live } = registry.rollback(name, whoOf(args), versionOf(name, args.to))
  process.stdout.write(`${name}@${live} is live again; ${name}@${before} is not any more\n`)
}

/** `3`, `v3` and `NAME@3` mean the same. */
function versionOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const plain = text.startsWith(`${name}@`) ? text.slice(name.length + 1) : text
  const [, digits] = /^v?([1-9]\d{0,8})$/.exec(plain) ?? []
  if (digits !== undefined) return Number(digits)
  throw new UsageError(`--to takes the number of a version, such as 2, not "${text}"`)
}
