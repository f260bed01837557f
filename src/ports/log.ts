/** Structured log. WARN: nothing lost. ERROR: someone must act. Never one line per reading. */
export interface Log {
  debug(fields: Readonly<Record<string, unknown>>, message: string): void
  info(fields: Readonly<Record<string, unknown>>, message: string): void
  warn(fields: Readonly<Record<string, unknown>>, message: string): void
  error(fields: Readonly<Record<string, unknown>>, message: string): void
}

/** A log that says nothing, for the library and for tests. */
export const silentLog: Log = { debug() {}, info() {}, warn() {}, error() {} }
