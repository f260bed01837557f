import { closeSync, existsSync, fsyncSync, openSync, truncateSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { ConfigurationError, OperatingError } from '../../base/errors.ts'
import { writeFailure } from '../../ports/write-failure.ts'
import { misfitOf } from '../model-card.ts'
import { writeWhole } from '../model-directory.ts'
import { readBytes } from '../read-file.ts'

/** File of a search's results, in its directory. */
export const journalFile = 'trials.ndjson'

const headSchema = z.object({ format: z.literal('residua-tune-1'), settings: z.string() })
const rowSchema = z.object({
  trial: z.int().min(0),
  rung: z.int().min(0),
  values: z.record(z.string(), z.unknown()),
  /** Epochs that were trained by then. */
  epochs: z.int().min(0),
  /** Null where the trial failed. */
  objective: z.number().nullable(),
  validationLoss: z.number().nullable(),
  bestEpoch: z.int().nullable(),
  seconds: z.number(),
  failed: z.string().optional(),
})

/** The end of one rung of one trial, as it is written down. */
export type JournalRow = z.infer<typeof rowSchema>

/** The results of a search on disk: a line a rung, each safe on the disk before the search goes on. */
export class Journal {
  readonly rows: JournalRow[]
  readonly #path: string
  readonly #file: number

  private constructor(path: string, rows: JournalRow[], file: number) {
    this.#path = path
    this.rows = rows
    this.#file = file
  }

  /** Begins a search. Errors: `ConfigurationError` when there is one already and not `force`; `OperatingError('write')`. */
  static begin(dir: string, settings: string, force: boolean): Journal {
    const path = join(dir, journalFile)
    if (existsSync(path) && !force) {
      const expected = 'there is a search already; it would be overwritten'
      const hint = 'go on with it by --resume, name another directory, or give --force'
      throw new ConfigurationError([{ path: '--out', value: dir, expected, hint }])
    }
    // The head is there whole, or nothing is.
    writeWhole(dir, journalFile, `${JSON.stringify({ format: 'residua-tune-1', settings })}\n`)
    return new Journal(path, [], openFile(path))
  }

  /**
   * Goes on with a search. A last line that was cut short is dropped, and `warn` is told.
   *
   * Errors: `ConfigurationError` without a search there, or of other settings or data; `OperatingError('read')`
   * for a line in the middle that cannot be read.
   */
  static resume(dir: string, settings: string, warn: (text: string) => void): Journal {
    const path = join(dir, journalFile)
    if (!existsSync(path)) {
      const expected = `there is no search in ${dir}`
      throw new ConfigurationError([{ path: '--resume', expected, hint: 'leave --resume out to begin one' }])
    }
    const { head, rows, length } = readJournal(path, warn)
    if (head !== settings) {
      const expected = `the search in ${dir} has another space, method, plan or data`
      const hint = 'repeat what it was begun with; trials, time and workers may differ'
      throw new ConfigurationError([{ path: '--resume', expected, hint }])
    }
    truncateSync(path, length)
    return new Journal(path, rows, openFile(path))
  }

  append(row: JournalRow): void {
    this.#write(row)
    this.rows.push(row)
  }

  /** The error of a row that is whole, but none of this search. */
  misfit({ trial, rung }: JournalRow, why: string): OperatingError {
    const text = `${this.#path}: trial ${trial + 1} ended rung ${rung + 1}, but ${why}`
    return new OperatingError('read', `${text}: ${fixOf(1)}`)
  }

  close(): void {
    closeSync(this.#file)
  }

  #write(line: object): void {
    try {
      writeSync(this.#file, `${JSON.stringify(line)}\n`)
      fsyncSync(this.#file)
    } catch (cause) {
      throw writeFailure(this.#path, cause)
    }
  }
}

function openFile(path: string): number {
  try {
    return openSync(path, 'a')
  } catch (cause) {
    throw writeFailure(path, cause)
  }
}

const again = 'begin the search anew with --force'

/** A line that is taken out is a piece of work that is done again; without the head it cannot be told what was searched. */
const fixOf = (line: number): string =>
  line === 0 ? again : `take the line out, and its work is done again; or ${again}`

/** `length`: bytes of the lines that are whole. */
function readJournal(path: string, warn: (text: string) => void): { head: string; rows: JournalRow[]; length: number } {
  const text = readBytes(path, 'read', again).toString('utf8')
  if (text === '') throw new OperatingError('read', `${path} is empty: ${again}`)
  const lines = text.split('\n')
  const rows: JournalRow[] = []
  let head: string | undefined
  let length = 0
  for (const [at, line] of lines.entries()) {
    // What a line break ends is whole; behind the last one there is nothing, or what was cut short.
    if (at === lines.length - 1 && line === '') break
    try {
      if (at === lines.length - 1) throw new Error('it is cut short')
      const json: unknown = JSON.parse(line)
      if (at === 0) head = headSchema.parse(json).settings
      else rows.push(rowSchema.parse(json))
      length += Buffer.byteLength(line) + 1
    } catch (error) {
      const isLast = at === lines.length - 1 || (at === lines.length - 2 && lines[at + 1] === '')
      if (!isLast || at === 0)
        throw new OperatingError('read', `${path}, line ${at + 1} is damaged (${misfitOf(error)}): ${fixOf(at)}`)
      warn(`${path}: its last line is damaged and left out; that piece of work is done again`)
      break
    }
  }
  return { head: head ?? '', rows, length }
}
