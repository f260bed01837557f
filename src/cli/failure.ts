import { ConfigurationError, errorTable, OperatingError } from '../base/errors.ts'
import { exitCodes } from './exit-codes.ts'
import { problemText } from './problem-text.ts'

/** The command line was used wrongly in a way that only the command itself can know; the process exits with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}

/** What a person is told of a failure, and the exit code; `file` names the configuration, where there is one. */
export function describeFailure(error: unknown, file = 'the command line'): { text: string; exitCode: number } {
  if (error instanceof ConfigurationError) {
    return { text: problemText(file, error.problems), exitCode: exitCodes.usage }
  }
  if (error instanceof UsageError) return { text: `error: ${error.message}\n`, exitCode: exitCodes.usage }
  if (error instanceof OperatingError) {
    const text = `error: ${error.message}\n  ${error.code} (${error.stage}): ${errorTable[error.code].text}\n`
    return { text, exitCode: exitCodes.operating }
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return { text: `a bug of residua, please report it: ${stack}\n`, exitCode: exitCodes.operating }
}
