import { icalDays } from '../codec/ical.ts'
import { fromFile, readBytes } from './read-file.ts'

const fix = 'holidays are the whole-day events of an iCalendar file'

/**
 * The whole days of an iCalendar file, as days since 1970; relative paths start from the working directory.
 *
 * Errors: `OperatingError('read')` for a file that cannot be read, is none, or has no whole-day event.
 */
export function readHolidays(path: string): readonly number[] {
  const text = readBytes(path, 'read', fix).toString('utf8')
  return fromFile(path, 'read', fix, () => {
    const { days, otherEvents } = icalDays(text)
    if (days.length > 0) return days
    throw new Error(`it has none${otherEvents === 0 ? '' : `; its ${otherEvents} events are of hours, or cancelled`}`)
  })
}
