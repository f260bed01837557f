import { createPrng, math } from '../built.mjs'
import { logBetween, remembering } from './noise.mjs'
import { courseOf, healthy, rigFault, rigFaultNames } from './rig-faults.mjs'

/** @typedef {import('../../../src/base/prng.ts').Prng} Prng */
/** @typedef {import('./rig-faults.mjs').Ailment} Ailment */
/**
 * A rig of eight channels: its first rows are normal, then it wanders on, fails once and recovers.
 * @typedef {object} RigSeries
 * @property {string} name
 * @property {string} fault
 * @property {string} drift how far its normal goes from what was learned: still, mild or strong
 * @property {'choose' | 'report'} half
 * @property {number} stepMs
 * @property {Float64Array} timeMs
 * @property {Record<string, Float64Array>} channels
 * @property {[first: number, last: number][]} windows
 * @property {number} learnRows
 */
/** @typedef {'still' | 'mild' | 'strong'} Drift */
/** @typedef {Readonly<Record<string, number>>} Build the numbers of one rig, drawn once */

const { exp } = math
/** Kinds of normal after the learned rows. */
export const rigDrifts = /** @type {const} */ (['still', 'mild', 'strong'])
const sizeOf = { still: 0.05, mild: 0.3, strong: 0.8 }

/**
 * The numbers of a rig: sizes, couplings, lags, noise, steps of its converters.
 * @param {Prng} random
 * @returns {Build}
 */
function buildOf(random) {
  return {
    speed: random.between(0.8, 1),
    jitter: logBetween(random, 0.001, 0.006),
    jitterRows: logBetween(random, 1, 40),
    shakeA: logBetween(random, 0.02, 0.3),
    shakeB: logBetween(random, 0.03, 0.4),
    shakeNoise: logBetween(random, 0.01, 0.06),
    shakeRows: logBetween(random, 1, 30),
    shared: random.between(0, 0.8),
    current: random.between(0.8, 3),
    currentNoise: logBetween(random, 0.02, 0.15),
    pressure: random.between(0.2, 1),
    pressureNoise: logBetween(random, 0.03, 0.3),
    pressureStep: random.between(0, 2.5),
    warming: logBetween(random, 200, 3_000),
    cold: random.between(0, 1),
    motorRows: logBetween(random, 150, 1_500),
    waterRows: logBetween(random, 300, 3_000),
    thermalNoise: logBetween(random, 0.05, 0.4),
    volts: random.between(215, 235),
    voltNoise: logBetween(random, 1, 6),
    voltRows: logBetween(random, 1, 60),
    flow: random.between(20, 120),
    flowNoise: logBetween(random, 0.002, 0.02),
    flowStep: logBetween(random, 0.5, 3),
    thinning: random.between(0, 0.006),
    recovery: logBetween(random, 2, 25),
    heatRows: logBetween(random, 20, 120),
    heatsUp: random.between(0, 0.004),
  }
}

/**
 * What wanders in a normal rig beyond its noise, by row: levels of the channels, and the size of the noise.
 * @param {Prng} random
 * @param {number} rows
 * @param {number} size 0…1
 */
function wanderingOf(random, rows, size) {
  const walk = (/** @type {number} */ deviation) => {
    const slow = remembering(random, rows, logBetween(random, 150, 4_000))
    const start = slow[0] ?? 0
    const share = random.uniform() < 0.5 ? 1 : 0.3
    return slow.map((x) => share * deviation * (x - start))
  }
  return {
    shakeA: walk(0.05 * size),
    shakeB: walk(0.05 * size),
    current: walk(0.05 * size),
    pressure: walk(0.15 * size),
    flow: walk(0.01 * size),
    volts: walk(2 * size),
    ambient: walk(1.5 * size),
    noise: walk(0.25 * size).map(exp),
  }
}

/**
 * @param {number} value
 * @param {number} step 0: as it is
 */
function rounded(value, step) {
  return step > 0 ? Math.round(value / step) * step : value
}

/** Eight channels of a rig, row after row. */
class Rig {
  /** @type {Record<string, Float64Array>} */
  channels
  #b
  #random
  #wandering
  #noises
  #motor
  #water
  /** What a fault heats, and a cooler takes away again. */
  #heated = 0
  /** Flow and its valve follow with a lag. */
  #valve = 1

  /**
   * @param {Prng} random
   * @param {number} rows
   * @param {number} drift 0…1
   */
  constructor(random, rows, drift) {
    const b = buildOf(random)
    this.#b = b
    this.#random = random
    this.#wandering = wanderingOf(random, rows, drift)
    const memory = (/** @type {string} */ of) => remembering(random, rows, b[of] ?? 1)
    this.#noises = {
      speed: memory('jitterRows'),
      shared: memory('shakeRows'),
      a: memory('shakeRows'),
      b: memory('shakeRows'),
      volts: memory('voltRows'),
    }
    // Cold at the start: it warms on while it is learned and long after.
    const cold = drift * (b['cold'] ?? 0)
    this.#motor = 1 - 0.15 * cold
    this.#water = 1 - 0.25 * cold
    const names = [
      'accelerometer1',
      'accelerometer2',
      'current',
      'pressure',
      'temperature',
      'thermocouple',
      'voltage',
      'flow',
    ]
    this.channels = Object.fromEntries(names.map((name) => [name, new Float64Array(rows)]))
  }

  /**
   * @param {number} row
   * @param {Ailment} ailment
   */
  step(row, ailment) {
    const [b, w, random] = [this.#b, this.#wandering, this.#random]
    const of = (/** @type {string} */ name) => b[name] ?? 0
    const at = (/** @type {Float64Array} */ column) => column[row] ?? 0
    const set = (/** @type {string} */ name, /** @type {number} */ value) => {
      const column = this.channels[name]
      if (column !== undefined) column[row] = value
    }
    const loud = at(w.noise)
    const bubbling = ailment.bubbles * Math.abs(random.normal())
    const speed = of('speed') * (1 + of('jitter') * at(this.#noises.speed) - 0.5 * ailment.mains)
    const open = (1 - ailment.outlet) * (1 - 0.8 * ailment.inlet) * (1 - 0.5 * ailment.drained)
    this.#valve += (open - this.#valve) / of('recovery')
    const passes = Math.sqrt(Math.max(0, this.#valve))
    const volts = of('volts') * (1 - ailment.mains) + at(w.volts) + of('voltNoise') * loud * at(this.#noises.volts)
    const flow = speed * passes * (1 - ailment.leak) * (1 - 0.3 * bubbling) * (1 + at(w.flow))
    const head = speed * speed * (1 + 0.6 * ailment.outlet - 0.9 * ailment.inlet - 0.5 * ailment.drained - ailment.leak)
    const load = speed ** 3 * (0.5 + 0.5 * flow) * (1 + ailment.friction + 0.3 * ailment.imbalance * 0.2)
    this.#heat(load, ailment, row)
    const shake = (1 + ailment.imbalance + 0.6 * bubbling + 0.5 * ailment.inlet + 0.3 * ailment.outlet) * speed * speed
    const share = Math.sqrt(of('shared'))
    const own = Math.sqrt(1 - of('shared'))
    const tremble = (/** @type {Float64Array} */ noise) =>
      1 + of('shakeNoise') * loud * (share * at(this.#noises.shared) + own * at(noise))
    set('accelerometer1', of('shakeA') * shake * tremble(this.#noises.a) * (1 + at(w.shakeA)))
    set('accelerometer2', of('shakeB') * (1 + 0.7 * (shake - 1)) * tremble(this.#noises.b) * (1 + at(w.shakeB)))
    const thin = 1 - of('thinning') * 100 * (this.#water - 1)
    const amps = (of('current') * load * thin * of('volts')) / Math.max(1, volts)
    set('current', amps * (1 + at(w.current)) + of('currentNoise') * loud * random.normal())
    const bar =
      of('pressure') * head * (1 - 0.2 * bubbling) + of('pressureNoise') * (at(w.pressure) + loud * random.normal())
    set('pressure', rounded(bar, of('pressureStep') * of('pressureNoise')))
    set('temperature', 40 + 50 * (this.#motor - 0.5) + of('thermalNoise') * loud * random.normal())
    set('thermocouple', 15 + 20 * (this.#water + this.#heated) + 0.5 * of('thermalNoise') * loud * random.normal())
    set('voltage', volts)
    const litres = of('flow') * flow * (1 + of('flowNoise') * loud * random.normal())
    set('flow', rounded(litres, of('flow') * of('flowNoise') * of('flowStep')))
  }

  /**
   * @param {number} load
   * @param {Ailment} ailment
   * @param {number} row
   */
  #heat(load, ailment, row) {
    const [b, w] = [this.#b, this.#wandering]
    const ambient = (w.ambient[row] ?? 0) / 30
    this.#motor +=
      (1 + ambient + (b['heatsUp'] ?? 0) * (load - (b['speed'] ?? 1) ** 3) + 0.01 * ailment.friction - this.#motor) /
      (b['motorRows'] ?? 1)
    this.#water += (1 + ambient - this.#water) / (b['waterRows'] ?? 1)
    this.#heated += (0.3 * ailment.heat - this.#heated) / (b['heatRows'] ?? 1)
  }
}

/**
 * A rig with a history of 400 normal rows that fails once.
 * @param {string} fault a name of `rigFaultNames`
 * @param {Drift} drift
 * @param {number} seed
 * @returns {RigSeries}
 */
export function rigSeries(fault, drift, seed) {
  const random = createPrng(11_003 + 1_013 * seed + 101 * rigFaultNames.indexOf(fault) + rigDrifts.indexOf(drift))
  const [learnRows, rows] = [400, 1_000 + random.integer(350)]
  const first = learnRows + 30 + random.integer(250)
  const last = Math.min(rows - 60, first + 250 + random.integer(220))
  const onset = rigFault(fault, random, logBetween(random, 0.35, 1.5))
  const course = courseOf(random)
  const rig = new Rig(random, rows, sizeOf[drift])
  for (let row = 0; row < rows; row++) {
    const ailment = healthy()
    if (row >= first && row <= last) onset(ailment, course((row - first) / (last - first), row))
    rig.step(row, ailment)
  }
  // Some recorders lose rows, or write every other second.
  const stepMs = random.uniform() < 0.2 ? 2_000 : 1_000
  const lost = random.uniform() < 0.5 ? 0 : 0.02
  let timeMs = Date.UTC(2023, 9, 1) - stepMs
  return {
    name: `rig/${fault}/${drift}/${seed}`,
    fault,
    drift,
    half: seed % 2 === 0 ? 'choose' : 'report',
    stepMs,
    timeMs: Float64Array.from({ length: rows }, () => {
      timeMs += stepMs * (random.uniform() < lost ? 2 : 1)
      return timeMs
    }),
    channels: rig.channels,
    windows: [[first, last]],
    learnRows,
  }
}
