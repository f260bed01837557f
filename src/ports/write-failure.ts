import { type ErrorCode, messageOf, OperatingError } from '../base/errors.ts'

const elsewhere = 'or name another place'

/** What a person can do, by the code of the operating system. */
const fixes: Readonly<Record<string, string>> = {
  EACCES: `give the user that runs residua the right to write there, ${elsewhere}`,
  EPERM: `give the user that runs residua the right to write there, ${elsewhere}`,
  EROFS: `the file system is read-only: mount it for writing, ${elsewhere}`,
  ENOSPC: 'the disk is full: free some space, then repeat the command (a training or search goes on with --resume)',
  EDQUOT: 'the quota is used up: free some space, then repeat the command (a training or search goes on with --resume)',
  ENOENT: 'nothing can be made there: name another place',
  ENOTDIR: `a file is where a directory is needed: move it away, ${elsewhere}`,
  EEXIST: `something else has this name: move it away, ${elsewhere}`,
  EISDIR: `a directory is where a file is to be written: move it away, ${elsewhere}`,
}

/** A file or directory that could not be written, as an operating error that names it, the reason and what to do. */
export function writeFailure(path: string, cause: unknown, code: ErrorCode = 'write'): OperatingError {
  if (cause instanceof OperatingError) return cause
  const fix = fixes[(cause as NodeJS.ErrnoException).code ?? '']
  const text = `${path} cannot be written (${messageOf(cause)})${fix === undefined ? '' : `: ${fix}`}`
  return new OperatingError(code, text, { cause })
}
