import { cos, exp, log, sin } from '../base/math.ts'
import type { Prng } from '../base/prng.ts'

/** A kind of process that sensors in plants follow; each makes `rows` values of about unit size. */
type Process = (random: Prng, rows: number) => Float64Array

const turn = 2 * Math.PI

function logBetween(random: Prng, low: number, high: number): number {
  return exp(random.between(log(low), log(high)))
}

/** Noise with memory: x = φx + e, from almost white to almost a random walk. */
const autoregressive: Process = (random, rows) => {
  const memory = logBetween(random, 1, 1000)
  const phi = 1 - 1 / memory
  const gain = Math.sqrt(1 - phi * phi)
  const out = new Float64Array(rows)
  let x = random.normal()
  for (let t = 0; t < rows; t++) {
    out[t] = x
    x = phi * x + gain * random.normal()
  }
  return out
}

/** A damped resonance driven by noise: loops that hunt. */
const resonance: Process = (random, rows) => {
  const period = logBetween(random, 5, 200)
  const damping = 1 - 1 / logBetween(random, 4, 400)
  const a = 2 * damping * cos(turn / period)
  const b = -damping * damping
  const out = new Float64Array(rows)
  let x = 0
  let before = 0
  let squares = 1e-12
  for (let t = -200; t < rows; t++) {
    const next = a * x + b * before + random.normal()
    before = x
    x = next
    if (t < 0) continue
    out[t] = x
    squares += (x * x) / rows
  }
  const scale = 1 / Math.sqrt(squares)
  for (let t = 0; t < rows; t++) out[t] = out[t]! * scale
  return out
}

/** A rhythm with harmonics: shifts, days, weeks at many sampling intervals. */
const seasonal: Process = (random, rows) => {
  const period = logBetween(random, 12, 1000)
  const out = new Float64Array(rows)
  for (let harmonic = 1; harmonic <= 3; harmonic++) {
    const size = (harmonic === 1 ? 1.3 : 0.5 * Math.abs(random.normal())) / harmonic
    const phase = random.between(0, turn)
    for (let t = 0; t < rows; t++) out[t] = out[t]! + size * sin(phase + (turn * harmonic * t) / period)
  }
  return out
}

/** Set points that are moved now and then, followed with a lag of first order. */
const setPoints: Process = (random, rows) => {
  const dwell = logBetween(random, 15, 400)
  const lag = 1 / logBetween(random, 1, 40)
  const out = new Float64Array(rows)
  let target = random.normal()
  let x = target
  for (let t = 0; t < rows; t++) {
    if (random.uniform() < 1 / dwell) target = random.normal()
    x += lag * (target - x)
    out[t] = x
  }
  return out
}

/** Two-point control: rises and falls between two levels at two rates. */
const relay: Process = (random, rows) => {
  const up = 1 / logBetween(random, 3, 150)
  const down = 1 / logBetween(random, 3, 150)
  const jitter = random.between(0, 0.2)
  const out = new Float64Array(rows)
  let rising = random.uniform() < 0.5
  let x = random.between(-1, 1)
  let edge = 1
  for (let t = 0; t < rows; t++) {
    x += 2 * (rising ? up : -down)
    if (rising ? x > edge : x < -edge) {
      rising = !rising
      edge = 1 + jitter * random.normal()
    }
    out[t] = x
  }
  return out
}

/** On and off: a switched drive or valve. */
const switched: Process = (random, rows) => {
  const on = logBetween(random, 8, 300)
  const off = logBetween(random, 8, 300)
  const regular = random.uniform() < 0.5
  const out = new Float64Array(rows)
  let state = random.uniform() < 0.5 ? 1 : -1
  let left = regular ? (state > 0 ? on : off) * random.uniform() : 0
  for (let t = 0; t < rows; t++) {
    const dwell = state > 0 ? on : off
    if (regular ? --left <= 0 : random.uniform() < 1 / dwell) {
      state = -state
      left = state > 0 ? on : off
    }
    out[t] = state
  }
  return out
}

/** Nothing but measurement noise around a level. */
const steady: Process = (random, rows) => {
  const out = new Float64Array(rows)
  for (let t = 0; t < rows; t++) out[t] = random.normal()
  return out
}

const processes = { autoregressive, resonance, seasonal, setPoints, relay, switched, steady } as const

/** Names of the processes of the corpus. */
export const processNames = Object.keys(processes) as readonly (keyof typeof processes)[]

/**
 * One generated sensor: a main process, often a second one, measurement noise of any level, sometimes heavy-tailed,
 * sometimes quantised. It has no faults in it: the base model learns what is normal.
 *
 * Shapes: (rows); about unit size.
 */
export function generateSensor(random: Prng, rows: number, main?: keyof typeof processes): Float64Array {
  const name = main ?? processNames[random.integer(processNames.length)]!
  const out = processes[name](random, rows)
  if (random.uniform() < 0.5) {
    const second = processes[processNames[random.integer(processNames.length)]!](random, rows)
    const share = random.between(0.05, 0.8)
    for (let t = 0; t < rows; t++) out[t] = out[t]! + share * second[t]!
  }
  const noise = logBetween(random, 0.002, 0.6)
  const heavy = random.uniform() < 0.2
  for (let t = 0; t < rows; t++) {
    const wild = heavy && random.uniform() < 0.02 ? 5 : 1
    out[t] = out[t]! + noise * wild * random.normal()
  }
  if (random.uniform() < 0.25) {
    const step = logBetween(random, 0.01, 0.3)
    for (let t = 0; t < rows; t++) out[t] = Math.floor(out[t]! / step + 0.5) * step
  }
  return out
}
