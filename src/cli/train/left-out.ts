import { OperatingError } from '../../base/errors.ts'
import { grouped, unreadableRows } from '../replay/report.ts'
import type { Tally } from '../replay/tally.ts'

/** Rows that are named one by one; a replay lists more. */
const namedRows = 5

/** An input that was read, and what of it is not learned from. */
export interface ReadInput {
  readonly tally: Tally
  /** The inputs, as the command named them. */
  readonly files: readonly string[]
  /** Readings that are left out because they are absurd. */
  readonly absurd: number
  /** Columns without a single reading to learn from. */
  readonly mute: readonly string[]
}

/** What of an input is not learned from: the counts in words, and a line for each thing that a person can mend. */
interface LeftOut {
  readonly counts: readonly string[]
  readonly lines: readonly string[]
}

/** What was read and is not learned from, and where it stands. */
export function leftOut({ tally, absurd, mute }: ReadInput): LeftOut {
  const counts = Object.entries(tally.notScored()).map(([name, count]) => `${grouped(count)} ${name}`)
  if (absurd > 0) counts.push(`${grouped(absurd)} absurd`)
  if (tally.unreadable > 0) counts.push(`${grouped(tally.unreadable)} unreadable`)
  const lines = unreadableRows(tally, namedRows).map((row) => `  ${row}`)
  if (tally.count('late') > 0) {
    lines.push('  late: times that go back; sort the rows by time, and write the hour that a clock repeats in UTC')
  }
  if (mute.length > 0) {
    const names = `${mute.slice(0, 20).join(', ')}${mute.length > 20 ? ', …' : ''}`
    lines.push(
      `  without a good reading: ${names} (are its cells plain numbers, such as 1020.5 or, between ;, 1020,5?)`,
    )
  }
  return { counts, lines }
}

/**
 * Does work with what was read. Where the data do not suffice for it, what was read and left out is told first.
 *
 * Errors: those of the work.
 */
export async function tellingLeftOut<T>(read: ReadInput, work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (error instanceof OperatingError && error.code === 'read') {
      process.stderr.write(
        `read ${grouped(read.tally.rows)} readings of ${read.files.join(', ')}\n${leftOutText(read)}`,
      )
    }
    throw error
  }
}

/** What was left out, as lines; nothing where everything is learned from. */
export function leftOutText(read: ReadInput): string {
  const { counts, lines } = leftOut(read)
  if (counts.length + lines.length === 0) return ''
  return `${[`left out: ${counts.join(', ') || 'nothing'}`, ...lines].join('\n')}\n`
}
