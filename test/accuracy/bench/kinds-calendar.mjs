import { math } from '../built.mjs'
import { dayPart, dayRows, timeOf, weekday } from './clock.mjs'
import { lagged, logBetween, remembering, rhythm, waiting } from './noise.mjs'

/** @typedef {import('./kinds.mjs').Make} Make */

const { exp, sin } = math

/** The day, smooth. @type {Make} */
const daily = ({ random, grid }) => {
  const day = rhythm(random)
  const noise = remembering(random, grid.rows, logBetween(random, 1, 20))
  const share = random.between(0.05, 0.2)
  const values = noise.map((x, t) => 20 + 5 * (day(dayPart(timeOf(grid, t))) + share * x))
  return { values, periodRows: dayRows(grid) }
}

/** The day, weak at weekends. @type {Make} */
const dailyWeekend = ({ random, grid }) => {
  const day = rhythm(random)
  const noise = remembering(random, grid.rows, 5)
  const weekend = random.between(0.2, 0.5)
  const values = noise.map((x, t) => {
    const timeMs = timeOf(grid, t)
    const strength = weekday(timeMs) >= 5 ? weekend : 1
    return 100 + 40 * strength * (1 + day(dayPart(timeMs))) + 4 * x
  })
  return { values, periodRows: dayRows(grid) }
}

/** Each day of the week on its own. @type {Make} */
const weekly = ({ random, grid }) => {
  const days = Array.from({ length: 7 }, () => ({ day: rhythm(random), level: random.between(-1, 1) }))
  const noise = remembering(random, grid.rows, 5)
  const raw = noise.map((x, t) => {
    const timeMs = timeOf(grid, t)
    const { day, level } = days[weekday(timeMs)] ?? { day: () => 0, level: 0 }
    return 60 + 8 * (level + day(dayPart(timeMs))) + 1.2 * x
  })
  return { values: lagged(raw, Math.max(1, dayRows(grid) / 48)), periodRows: dayRows(grid) }
}

/** Two shifts on working days with breaks, idle else. @type {Make} */
const twoShifts = ({ random, grid }) => {
  const [early, late] = [random.between(5, 7) / 24, random.between(21, 23) / 24]
  const breaks = [9.25, 13.5, 18].map((hour) => hour / 24)
  const target = new Float64Array(grid.rows)
  for (let t = 0; t < grid.rows; t++) {
    const timeMs = timeOf(grid, t)
    const part = dayPart(timeMs)
    const works = weekday(timeMs) < 5 && part >= early && part < late
    const pauses = breaks.some((from) => part >= from && part < from + 0.5 / 24)
    target[t] = works ? (pauses ? 0.35 : 1) : 0.1
  }
  const noise = remembering(random, grid.rows, 3)
  const values = lagged(target, Math.max(1, dayRows(grid) / 144)).map(
    (x, t) => 50 * x * (1 + 0.04 * (noise[t] ?? 0)) + 0.5 * random.normal(),
  )
  return { values, periodRows: dayRows(grid) }
}

/** Parts counted in each interval, more by day. @type {Make} */
const counts = ({ random, grid }) => {
  const day = rhythm(random)
  const mean = logBetween(random, 3, 40)
  const values = new Float64Array(grid.rows)
  for (let t = 0; t < grid.rows; t++) {
    const rate = mean * exp(0.7 * day(dayPart(timeOf(grid, t))))
    // Poisson: arrivals until the interval is full.
    let arrivals = 0
    for (let filled = waiting(random, 1); filled < rate; filled += waiting(random, 1)) arrivals++
    values[t] = arrivals
  }
  return { values, periodRows: dayRows(grid), isNonNegative: true, quantum: 1 }
}

/** Requests: a day, noise in proportion, and bursts that are part of it. @type {Make} */
const bursty = ({ random, grid }) => {
  const day = rhythm(random)
  const noise = remembering(random, grid.rows, 8)
  const values = new Float64Array(grid.rows)
  let burst = 0
  for (let t = 0; t < grid.rows; t++) {
    burst *= 0.75
    if (random.uniform() < 0.015) burst += waiting(random, 1)
    values[t] = 200 * exp(0.5 * day(dayPart(timeOf(grid, t))) + 0.2 * (noise[t] ?? 0)) + 250 * burst
  }
  return { values, periodRows: dayRows(grid), isNonNegative: true }
}

/** Sun on a panel: nothing at night, clouds by day. @type {Make} */
const solar = ({ random, grid }) => {
  const clouds = remembering(random, grid.rows, dayRows(grid) / 30)
  const values = clouds.map((cloud, t) => {
    const height = sin(2 * Math.PI * (dayPart(timeOf(grid, t)) - 0.25))
    return height <= 0 ? 0 : 800 * height * (1 - 0.6 / (1 + exp(-2 * cloud)))
  })
  return { values, periodRows: dayRows(grid), isNonNegative: true }
}

/** A counter that grows with use and starts again each day. @type {Make} */
const counter = ({ random, grid }) => {
  const day = rhythm(random)
  const rate = (4_000 * grid.stepMs) / 86_400_000
  const values = new Float64Array(grid.rows)
  let total = random.between(0, 500)
  for (let t = 0; t < grid.rows; t++) {
    const part = dayPart(timeOf(grid, t))
    if (t > 0 && part < dayPart(timeOf(grid, t - 1))) total = 0
    total += Math.max(0, Math.round(rate * (1 + 0.8 * day(part)) + 0.3 * Math.sqrt(rate) * random.normal()))
    values[t] = total
  }
  return { values, periodRows: dayRows(grid), isNonNegative: true, quantum: 1 }
}

/** A day with about a third of its readings missing. @type {Make} */
const missingReadings = (draw) => {
  const made = daily(draw)
  const share = draw.random.between(0.25, 0.35)
  return { ...made, isMissing: Uint8Array.from(made.values, () => (draw.random.uniform() < share ? 1 : 0)) }
}

/** A rhythm whose readings never come evenly. @type {Make} */
const jittered = (draw) => ({ ...daily(draw), jitter: 0.45 })

/** Kinds that follow the calendar. */
export const calendarKinds = {
  daily,
  dailyWeekend,
  weekly,
  twoShifts,
  counts,
  bursty,
  solar,
  counter,
  missingReadings,
  jittered,
}
