/** A time zone as data: from `fromMs[i]` on (UTC, rising) local time is UTC + `offsetMs[i + 1]`; before the first, + `offsetMs[0]`. */
export interface TimeZoneTable {
  readonly name: string
  readonly fromMs: readonly number[]
  readonly offsetMs: readonly number[]
}

/** Local time that is UTC. */
export const utc: TimeZoneTable = { name: 'UTC', fromMs: [], offsetMs: [0] }

const dayMs = 86_400_000
/** No zone changes its clocks twice within so short a time. */
const probeMs = 7 * dayMs
/** Years that a table covers; before and after, its first and last offset hold. */
const yearsFrom = Date.UTC(1970, 0, 1)
const yearsTo = Date.UTC(2100, 0, 1)

/**
 * What the platform's time-zone data say of an IANA zone: its offset from UTC in ms at a moment; undefined when nobody knows it.
 *
 * The data come with Node and change with it, so what must repeat bit for bit takes a table that was read once.
 */
export function zoneOffset(zone: string): ((utcMs: number) => number) | undefined {
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US-u-ca-gregory-nu-latn', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    return undefined
  }
  return (utcMs) => wallClock(format, utcMs) - Math.floor(utcMs / 1_000) * 1_000
}

/** Wall time of a zone, as ms as if it were UTC, at a moment. */
function wallClock(format: Intl.DateTimeFormat, utcMs: number): number {
  const part: Record<string, number> = {}
  for (const { type, value } of format.formatToParts(utcMs)) part[type] = Number(value)
  const seconds = ((part['hour']! % 24) * 60 + part['minute']!) * 60 + part['second']!
  return Date.UTC(part['year']!, part['month']! - 1, part['day']!) + seconds * 1_000
}

/** The table of an IANA zone, 1970 to 2100, as the platform knows it; undefined when nobody knows the zone. */
export function timeZoneTable(zone: string): TimeZoneTable | undefined {
  const offsetAt = zoneOffset(zone)
  if (offsetAt === undefined) return undefined
  const fromMs: number[] = []
  const offsetMs = [offsetAt(yearsFrom)]
  for (let ms = yearsFrom; ms < yearsTo; ms += probeMs) {
    const before = offsetMs.at(-1)!
    const after = offsetAt(ms + probeMs)
    if (after === before) continue
    fromMs.push(changeWithin(offsetAt, ms, ms + probeMs))
    offsetMs.push(after)
  }
  return { name: zone, fromMs, offsetMs }
}

/** First whole second after `fromMs` with another offset; `toMs` has one. */
function changeWithin(offsetAt: (utcMs: number) => number, fromMs: number, toMs: number): number {
  const before = offsetAt(fromMs)
  let [low, high] = [fromMs / 1_000, toMs / 1_000]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (offsetAt(1_000 * middle) === before) low = middle
    else high = middle
  }
  return 1_000 * high
}
