import { createPrng, math } from '../built.mjs'
import { lagged, logBetween, remembering, turn, waiting } from './noise.mjs'

/** @typedef {import('../../../src/base/prng.ts').Prng} Prng */
/** @typedef {import('./rigs.mjs').RigSeries} RigSeries */
/**
 * What a fault changes of a plant: its factors in place, or one channel.
 * @typedef {object} Plant
 * @property {Float64Array[]} factors
 * @property {Channel[]} channels
 * @property {Prng} random
 * @property {number} rows
 * @property {number} memory of the factors
 */
/** @typedef {{ loads: number[], lag: number, noise: Float64Array, deviation: number, step: number, offset: number, size: number }} Channel */
/** @typedef {(plant: Plant, values: Float64Array[], at: number, row: number) => void} Change adds to the values of the channels in a faulty row */

const { sin } = math

/** Faults by name; `values` are the healthy channels, in deviations of each. @type {Readonly<Record<string, (plant: Plant, healthy: readonly Float64Array[]) => Change>>} */
const plantFaults = {
  bias: ({ random, channels }) => {
    const channel = random.integer(channels.length)
    const size = (random.uniform() < 0.5 ? -1 : 1) * random.between(0.5, 2)
    return (_plant, values, _at, row) => add(values[channel], row, size)
  },
  gain: ({ random, channels }) => {
    const channel = random.integer(channels.length)
    const size = random.uniform() < 0.5 ? random.between(-0.9, -0.4) : random.between(0.4, 0.9)
    return (_plant, values, _at, row) => add(values[channel], row, size * (values[channel]?.[row] ?? 0))
  },
  decoupled: ({ random, channels, rows, memory }) => {
    const channel = random.integer(channels.length)
    const own = remembering(random, rows, memory)
    return (_plant, values, _at, row) => add(values[channel], row, (own[row] ?? 0) - (values[channel]?.[row] ?? 0))
  },
  noise: ({ random, channels }) => {
    const channel = random.integer(channels.length)
    const size = random.between(0.5, 2)
    return (_plant, values, _at, row) => add(values[channel], row, size * random.normal())
  },
  drift: ({ random, channels }) => {
    const channel = random.integer(channels.length)
    const size = (random.uniform() < 0.5 ? -1 : 1) * random.between(1.5, 4)
    return (_plant, values, at, row) => add(values[channel], row, size * at)
  },
  beyond: ({ random, channels }) => {
    const size = (random.uniform() < 0.5 ? -1 : 1) * random.between(1.5, 3)
    const factor = random.integer(channels[0]?.loads.length ?? 1)
    return (plant, values, _at, row) => {
      for (const [index, { loads }] of plant.channels.entries()) add(values[index], row, size * (loads[factor] ?? 0))
    }
  },
}
/** Names of the faults. */
export const plantFaultNames = Object.keys(plantFaults)

/**
 * @param {Float64Array | undefined} values
 * @param {number} row
 * @param {number} more
 */
function add(values, row, more) {
  if (values !== undefined) values[row] = (values[row] ?? 0) + more
}

/**
 * What moves a plant, in deviations: noise with a memory, a rhythm, or jumps between levels.
 * @param {Prng} random
 * @param {number} rows
 * @param {number} memory
 */
function factorOf(random, rows, memory) {
  const kind = random.integer(4)
  const noise = remembering(random, rows, memory)
  if (kind < 2) return noise
  if (kind === 2) {
    const [period, phase] = [memory * random.between(2, 6), random.uniform()]
    return noise.map((x, row) => 0.5 * x + 1.2 * sin(turn * (row / period + phase)))
  }
  let [level, left] = [0, 0]
  return noise.map((x) => {
    if (--left <= 0) {
      level = random.between(-1.5, 1.5)
      left = waiting(random, 2 * memory)
    }
    return 0.3 * x + level
  })
}

/**
 * @param {Prng} random
 * @param {number} rows
 * @param {number} factors
 * @returns {Channel}
 */
function channelOf(random, rows, factors) {
  const loads = Array.from({ length: factors }, () => (random.uniform() < 0.7 ? random.normal() : 0))
  const norm = Math.sqrt(loads.reduce((sum, load) => sum + load * load, 0))
  const deviation = logBetween(random, 0.1, 1)
  return {
    loads: loads.map((load) => (norm > 0 ? load / norm : 0)),
    lag: random.uniform() < 0.5 ? 1 : logBetween(random, 1, 10),
    noise: remembering(random, rows, random.uniform() < 0.7 ? 1 : logBetween(random, 1, 10)),
    deviation,
    step: random.uniform() < 0.2 ? random.between(0.2, 1) : 0,
    offset: random.between(-100, 100),
    size: logBetween(random, 0.01, 100),
  }
}

/**
 * A plant of 3 to 16 channels that a few hidden factors move, with one fault that may leave every channel within its range. Its
 * normal goes on as it was learned.
 * @param {string} fault a name of `plantFaultNames`
 * @param {number} seed
 * @returns {RigSeries}
 */
export function plantSeries(fault, seed) {
  const random = createPrng(13_007 + 1_019 * seed + 103 * plantFaultNames.indexOf(fault))
  const make = plantFaults[fault]
  if (make === undefined)
    throw new RangeError(`no fault of a plant is called ${fault}; there are ${plantFaultNames.join(', ')}`)
  const learnRows = 400 + random.integer(800)
  const rows = learnRows + 800 + random.integer(600)
  const memory = logBetween(random, 1, 50)
  const factors = Array.from({ length: 1 + random.integer(4) }, () => factorOf(random, rows, memory))
  const channels = Array.from({ length: 3 + random.integer(14) }, () => channelOf(random, rows, factors.length))
  const values = channels.map(({ loads, lag, noise, deviation }) => {
    const target = noise.map((_, row) => loads.reduce((sum, load, at) => sum + load * (factors[at]?.[row] ?? 0), 0))
    return lagged(target, lag).map((x, row) => x + deviation * (noise[row] ?? 0))
  })
  const first = learnRows + 100 + random.integer(350)
  const last = first + 150 + random.integer(200)
  const plant = { factors, channels, random, rows, memory }
  const change = make(plant, values)
  for (let row = first; row <= last; row++) change(plant, values, (row - first) / (last - first), row)
  const stepMs = [1_000, 10_000, 60_000][random.integer(3)] ?? 1_000
  const startMs = Date.UTC(2023, 2, 1)
  return {
    name: `plant/${fault}/${seed}`,
    fault,
    drift: 'still',
    half: seed % 2 === 0 ? 'choose' : 'report',
    stepMs,
    timeMs: Float64Array.from({ length: rows }, (_, row) => startMs + row * stepMs),
    channels: Object.fromEntries(
      values.map((column, at) => {
        const { step, offset, size } = /** @type {Channel} */ (channels[at])
        return [`c${at}`, column.map((x) => offset + size * (step > 0 ? Math.round(x / step) * step : x))]
      }),
    ),
    windows: [[first, last]],
    learnRows,
  }
}
