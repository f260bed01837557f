/** The stage of the pipeline where an operating error arose. */
export type Stage = 'source' | 'codec' | 'sink' | 'state' | 'model' | 'server'

/** One row of the error table: the code is also the metric label. */
export interface ErrorKind {
  readonly stage: Stage
  readonly retryable: boolean
  readonly text: string
}

/** The one table of operating errors. A code is added here first, then thrown. */
export const errorTable = {
  connect: { stage: 'source', retryable: true, text: 'the system cannot be reached' },
  auth: { stage: 'source', retryable: false, text: 'the system refused the user name, password or token' },
  subscribe: { stage: 'source', retryable: false, text: 'the broker refused the subscription' },
  read: { stage: 'source', retryable: false, text: 'the input cannot be read' },
  format: { stage: 'source', retryable: false, text: 'the input is not in the format it claims' },
  unreachable: { stage: 'sink', retryable: true, text: 'the receiver cannot be reached' },
  timeout: { stage: 'sink', retryable: true, text: 'the receiver did not answer in time' },
  busy: { stage: 'sink', retryable: true, text: 'the receiver asks to slow down (429)' },
  server: { stage: 'sink', retryable: true, text: 'the receiver failed (5xx)' },
  denied: { stage: 'sink', retryable: true, text: 'the receiver refused our credentials (401, 403): repair them' },
  rejected: { stage: 'sink', retryable: false, text: 'the receiver refused the data (4xx)' },
  write: { stage: 'sink', retryable: true, text: 'the output cannot be written' },
  spill: { stage: 'sink', retryable: true, text: 'the spill file cannot be written' },
  state: { stage: 'state', retryable: true, text: 'the state store cannot be read or written' },
  checkpoint: { stage: 'state', retryable: false, text: 'the checkpoint does not fit this program or model' },
  model: { stage: 'model', retryable: false, text: 'the model cannot be loaded' },
  registry: { stage: 'model', retryable: true, text: 'the model registry cannot be read or written' },
  training: { stage: 'model', retryable: false, text: 'the training did not come to a model' },
  listen: { stage: 'server', retryable: false, text: 'the address cannot be listened on' },
} as const satisfies Record<string, ErrorKind>

/** A code of the error table. */
export type ErrorCode = keyof typeof errorTable

/**
 * An operating error: the outside world failed, the program is right.
 *
 * `code` is a row of `errorTable`; `detail` says where and what to do; `retryable` comes from the table.
 */
export class OperatingError extends Error {
  readonly code: ErrorCode
  override readonly name = 'OperatingError'

  constructor(code: ErrorCode, detail: string, options?: ErrorOptions) {
    super(detail, options)
    this.code = code
  }

  get stage(): Stage {
    return errorTable[this.code].stage
  }

  get retryable(): boolean {
    return errorTable[this.code].retryable
  }
}

/** Anything thrown, as an operating error: its own, or one of this code with the cause kept. */
export function asOperatingError(error: unknown, code: ErrorCode): OperatingError {
  return error instanceof OperatingError ? error : new OperatingError(code, messageOf(error), { cause: error })
}

/** One mistake in a configuration or on a command line. */
export interface Problem {
  readonly path: string
  readonly value?: unknown
  readonly expected: string
  readonly hint?: string
  /** Line of the configuration file, 1-based. */
  readonly line?: number
}

/** All mistakes of a configuration at once; the command exits with 2. */
export class ConfigurationError extends Error {
  readonly problems: readonly Problem[]
  override readonly name = 'ConfigurationError'

  constructor(problems: readonly Problem[]) {
    super(problems.map((problem) => `${problem.path}: ${problem.expected}`).join('\n'))
    this.problems = problems
  }
}

/** The message of anything thrown, for a log line. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
