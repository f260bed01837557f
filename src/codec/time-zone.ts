import { zoneOffset } from '../base/time-zone.ts'
import type { LocalToUtc } from './time-text.ts'

const hourMs = 3_600_000
const dayMs = 24 * hourMs
/** Local days whose offset is remembered; a file walks through them in order, so old ones are not asked again. */
const daysMax = 10_000

/**
 * Local time of an IANA zone → UTC, summer time included; undefined when nobody knows the zone.
 *
 * A time that exists twice (clocks go back) is the first of the two; one that does not exist (clocks go forward) is
 * read with the offset before the change, as Temporal's "compatible" does.
 */
export function localTimeOf(zone: string): LocalToUtc | undefined {
  const offsetAt = zoneOffset(zone)
  if (offsetAt === undefined) return undefined
  /** Offset of a whole local day, NaN when the offset changes around it. */
  const dayOffsets = new Map<number, number>()
  const dayOffset = (day: number): number => {
    const known = dayOffsets.get(day)
    if (known !== undefined) return known
    const before = offsetAt(day * dayMs - 16 * hourMs)
    const after = offsetAt((day + 1) * dayMs + 16 * hourMs)
    const offset = before === after ? before : Number.NaN
    if (dayOffsets.size >= daysMax) dayOffsets.clear()
    dayOffsets.set(day, offset)
    return offset
  }
  return (localMs) => {
    const offset = dayOffset(Math.floor(localMs / dayMs))
    if (!Number.isNaN(offset)) return localMs - offset
    const before = offsetAt(localMs - dayMs)
    const early = localMs - before
    if (offsetAt(early) === before) return early
    const late = localMs - offsetAt(localMs + dayMs)
    return offsetAt(late) === localMs - late ? late : early
  }
}
