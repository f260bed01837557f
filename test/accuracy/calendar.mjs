// What a calendar is worth: false alarms of sensors that follow local time, by what is said of it.
// Usage: npm run calendar [-- --seeds N]
// Half a year of readings every ten minutes in Berlin, August to January: the clocks go back in October, and there are ten days
// on which nobody works. Days in the eight weeks that a sensor needs to know its week are not counted.
import { parseArgs } from 'node:util'
import { createPrng, library } from './built.mjs'
import { tableText } from './report/table-text.mjs'

const { values: given } = parseArgs({ options: { seeds: { type: 'string', default: '8' } } })
const seeds = Array.from({ length: Number(given.seeds) }, (_, seed) => seed)
const { CivilCalendar, newMoment } = await import(new URL('../../dist/base/civil-calendar.js', import.meta.url).href)
const { timeZoneTable, utc } = await import(new URL('../../dist/base/time-zone.js', import.meta.url).href)

const dayMs = 86_400_000
const stepMs = 600_000
const startMs = Date.UTC(2026, 7, 3)
const rows = 26 * 7 * 144
const learnedMs = startMs + 8 * 7 * dayMs
const holidays =
  '2026-10-03 2026-10-30 2026-11-18 2026-12-24 2026-12-25 2026-12-28 2026-12-29 2026-12-31 2027-01-01 2027-01-06'
    .split(' ')
    .map((date) => Date.parse(date) / dayMs)
const berlin = timeZoneTable('Europe/Berlin')
const days = [0, 1, 2, 3, 4]
const shifts = [
  { name: 'early', fromMinute: 0, toMinute: 480, days },
  { name: 'late', fromMinute: 480, toMinute: 960, days },
]
const plain = { zone: berlin, holidays: [], shifts: [], dayStartMinute: 0 }
/** What is said of the calendar. */
const said = {
  nothing: { ...plain, zone: utc },
  'time zone': plain,
  'and holidays': { ...plain, holidays },
  'and shifts': { ...plain, holidays, shifts, dayStartMinute: 330 },
}
/** What is true, by which the signals are made. */
const truth = new CivilCalendar({ ...plain, holidays })
const shifted = new CivilCalendar(said['and shifts'])
const moment = newMoment()

/** Signals of a reading: the share of a day's work at a moment, 0…1. @type {Record<string, (timeMs: number) => number>} */
const kinds = {
  // People in a building: a day that rises and falls, little at weekends.
  office: (timeMs) => {
    truth.locate(timeMs, moment)
    const part = (moment.minuteOfWeek % 1440) / 1440
    return (moment.isRest ? 0.25 : 1) * Math.max(0, Math.sin(2 * Math.PI * (part - 0.28)))
  },
  // Two shifts from half past five on, a break in each.
  shifts: (timeMs) => {
    shifted.locate(timeMs, moment)
    const isBreak = moment.shiftPart >= 0.5 && moment.shiftPart < 0.5625
    return moment.isRest ? 0.1 : isBreak ? 0.4 : 1
  },
  // Each day of the week on its own, which no holiday changes.
  weekly: (timeMs) => {
    truth.locate(timeMs, moment)
    const day = (Math.floor(moment.localMs / dayMs) + 3) % 7
    const part = (moment.minuteOfWeek % 1440) / 1440
    return 0.5 + 0.07 * ((day * 3) % 7) + 0.3 * Math.sin(2 * Math.PI * part)
  },
}

/** @param {(timeMs: number) => number} work @param {number} seed */
function seriesOf(work, seed) {
  const random = createPrng(7919 + seed)
  const timeMs = Float64Array.from({ length: rows }, (_, row) => startMs + row * stepMs)
  let [noise, level] = [0, 0]
  const values = timeMs.map((ms) => {
    noise = 0.8 * noise + 0.6 * random.normal()
    level += 0.6 * (work(ms) - level)
    return 20 + 50 * level + 1.5 * noise
  })
  return { timeMs, values }
}

/**
 * Alarms raised on the days that count, by what day it was.
 * @param {import('../../src/base/civil-calendar.ts').CalendarParts} parts
 * @param {'normal' | 'high'} sensitivity
 * @param {readonly { timeMs: Float64Array, values: Float64Array }[]} series
 */
function alarmsOf(parts, sensitivity, series) {
  const sensors = series.map((/** @type {unknown} */ _, /** @type {number} */ at) => ({
    id: `s${at}`,
    sensitivity,
    calendar: new CivilCalendar(parts),
  }))
  const pipeline = library.createPipeline({ model: 'base', sensors })
  const [frame, out] = [new library.Frame(series.length), new library.OutcomeFrame(series.length)]
  const counts = { holiday: 0, other: 0 }
  for (let row = 0; row < rows; row++) {
    for (const [slot, { timeMs, values }] of series.entries()) {
      const ms = timeMs[row] ?? 0
      frame.push(slot, ms, values[row] ?? 0, 0, ms)
    }
    pipeline.step(frame, out)
    for (const { alarm } of out.transitions) {
      if (alarm.state !== 'unack' || alarm.eventTime < learnedMs) continue
      const day = Math.floor((alarm.eventTime + 7_200_000) / dayMs)
      counts[holidays.includes(day) || holidays.includes(day - 1) ? 'holiday' : 'other']++
    }
    frame.clear()
    out.clear()
  }
  return counts
}

const months = (rows * stepMs - (learnedMs - startMs)) / dayMs / 30
for (const sensitivity of /** @type {const} */ (['normal', 'high'])) {
  const table = Object.entries(kinds).flatMap(([kind, work]) => {
    const series = seeds.map((seed) => seriesOf(work, seed))
    return Object.entries(said).map(([name, parts]) => {
      const { holiday, other } = alarmsOf(parts, sensitivity, series)
      return [`${kind}, ${name}`, holiday / seeds.length, other / seeds.length / months]
    })
  })
  const title = `False alarms of a sensor, ${sensitivity}`
  const head = ['signal, what is said', `on or after ${holidays.length} holidays`, 'a month on other days']
  process.stdout.write(`${tableText({ title, head, rows: table })}\n`)
}
