/**
 * Stops the program when an invariant of its own is broken: a bug, never a data fault.
 *
 * Errors: throws `AssertionError`-like `Error` named "Bug"; the process restarts from its last checkpoint.
 */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw Object.assign(new Error(message), { name: 'Bug' })
}

/** Marks a branch that the types say is unreachable. Errors: always throws, naming the value. */
export function unreachable(value: never): never {
  throw Object.assign(new Error(`unreachable: ${String(value)}`), { name: 'Bug' })
}
