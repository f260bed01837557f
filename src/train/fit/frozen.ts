import { ConfigurationError } from '../../base/errors.ts'

/**
 * Whether a tensor is frozen: it has one of these names, or one of them names the module that it belongs to.
 *
 * `gru` freezes `gru.weight_hh_l0`, but not `gru2.weight_hh_l0`.
 */
export function isFrozen(tensor: string, frozen: readonly string[]): boolean {
  return frozen.some((name) => covers(name, tensor))
}

/** Errors: `ConfigurationError` for the names that freeze nothing; it lists the modules and tensors there are. */
export function unknownFrozen(frozen: readonly string[], tensors: readonly string[]): void {
  const unknown = frozen.filter((name) => !tensors.some((tensor) => covers(name, tensor)))
  if (unknown.length === 0) return
  const modules = new Set(tensors.filter((name) => name.includes('.')).map((name) => name.split('.')[0]!))
  const hint = `modules are ${[...modules].join(', ') || 'not named'}; tensors are ${tensors.join(', ')}`
  throw new ConfigurationError(
    unknown.map((value) => ({ path: 'frozen', value, expected: `no weight is named or begins with "${value}"`, hint })),
  )
}

function covers(name: string, tensor: string): boolean {
  return tensor === name || tensor.startsWith(`${name}.`)
}
