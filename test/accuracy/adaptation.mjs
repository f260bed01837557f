// What adapting a sensor's scale, its readout or both while it is scored is worth, and what it costs.
// Usage: npm run adaptation   (needs a built clone; prints the table of the README as Markdown)
import { readFileSync } from 'node:fs'
import { recordedSeries } from './corpora/nab.mjs'
import { addFault, faultKinds } from './faults.mjs'
import { median } from './metrics/median.mjs'
import { historyOf, part, taught } from './taught.mjs'

const dist = (/** @type {string} */ file) => import(new URL(`../../dist/${file}`, import.meta.url).href)
const { createPrng } = await dist('base/prng.js')
const { loadModelFiles } = await dist('cli/model-files.js')
const { createPipeline } = await dist('core/live-pipeline.js')
const { Frame } = await dist('domain/frame.js')
const { OutcomeFrame } = await dist('domain/outcome.js')
const { adaptations, defaultSpec, SensorCatalog } = await dist('domain/sensor.js')
const { generateSensor, processNames } = await dist('train/corpus.js')

/** @typedef {import('../../src/model/model.ts').Model} Model */
/** @typedef {readonly [fromMs: number, toMs: number]} Span */
/** @typedef {{ model: Model, timeMs: (row: number) => number, values: Float64Array, faults: readonly Span[] }} Sensor */
/** @typedef {{ error: number, alarms: number, quietRows: number, found: number, faultRows: number, faultAlarmRows: number }} Result */

/** @type {Model} */
const base = loadModelFiles('base')
const warmUp = 500
/** Rows that the models of single sensors are trained on; they are scored on all. */
const trainedRows = 1200
const series = recordedSeries(4000)

/**
 * Scores a sensor alone: mean error of the rows outside its faults, alarms raised there, and what was found of the faults.
 * @param {Sensor} sensor
 * @param {string} adapt
 * @returns {Result}
 */
function scored({ model, timeMs, values, faults }, adapt) {
  const catalog = new SensorCatalog(1, (/** @type {string} */ id) => ({ ...defaultSpec(id), adapt }))
  catalog.intern('sensor')
  const pipeline = createPipeline({ model, catalog, plant: 'plant', quarantine: false })
  const frame = new Frame(values.length)
  for (const [row, value] of values.entries()) frame.push(0, timeMs(row), value, 0, timeMs(row))
  const out = new OutcomeFrame(frame.count)
  pipeline.step(frame, out)
  const faultOf = (/** @type {number} */ ms) => faults.findIndex(([fromMs, toMs]) => ms >= fromMs && ms <= toMs)
  let [error, quietRows, faultRows, faultAlarmRows] = [0, 0, 0, 0]
  const found = new Set()
  for (let row = warmUp; row < out.count; row++) {
    const fault = faultOf(timeMs(row))
    if (fault >= 0) {
      faultRows++
      faultAlarmRows += out.alarm[row]
      if (out.alarm[row] === 1) found.add(fault)
    } else if (!Number.isNaN(out.residual[row])) {
      error += Math.abs(out.residual[row])
      quietRows++
    }
  }
  const raised = out.transitions.filter(
    (/** @type {import('../../src/domain/alarm.ts').AlarmTransition} */ { alarm, from }) =>
      alarm.class === 'process' && from === 'normal' && faultOf(alarm.eventTime) < 0,
  )
  return { error: error / quietRows, alarms: raised.length, quietRows, found: found.size, faultRows, faultAlarmRows }
}

/**
 * A generated sensor from a seed that training never used, and the deviation of its first 375 rows.
 * @param {number} index
 */
function sensorOf(index) {
  const random = createPrng(index * 7919 + 13)
  /** @type {Float64Array} */
  const values = generateSensor(random, 3600, processNames[index % processNames.length])
  const early = values.subarray(0, 375)
  const mean = early.reduce((sum, x) => sum + x, 0) / early.length
  return { random, values, deviation: Math.sqrt(early.reduce((sum, x) => sum + (x - mean) ** 2, 0) / early.length) }
}

/**
 * Moves the level evenly by `size` from row `from` to row `to`.
 * @param {Float64Array} values
 * @param {number} from
 * @param {number} to
 * @param {number} size
 */
function drift(values, from, to, size) {
  for (let row = from; row < values.length; row++) {
    values[row] = (values[row] ?? 0) + size * Math.min(1, (row - from) / (to - from))
  }
}

/**
 * A generated sensor that ends with its fault: afterwards it is itself again, but its limits need not be.
 * @param {Float64Array} values
 * @param {number} from
 * @param {number} to
 * @returns {Sensor}
 */
function endingWith(values, from, to) {
  const timeMs = (/** @type {number} */ row) => row * 60_000
  return { model: base, timeMs, values: values.subarray(0, to), faults: [[timeMs(from), timeMs(to)]] }
}

/**
 * Generated sensors with one fault each, and a normal drift of so many deviations over their life.
 * @param {number} deviations
 * @returns {Sensor[]}
 */
function generated(deviations) {
  return Array.from({ length: 196 }, (_, index) => {
    const { random, values, deviation } = sensorOf(index)
    const kind = faultKinds[Math.floor(index / processNames.length) % faultKinds.length] ?? 'none'
    drift(values, warmUp, values.length, deviations * deviation)
    const at = 2500 + random.integer(700)
    addFault(values, kind, at, 300, random)
    const sensor = endingWith(values, at, at + 300)
    return kind === 'none' ? { ...sensor, values, faults: [] } : sensor
  })
}

/**
 * Generated sensors whose fault is a drift of three deviations within 600 rows.
 * @returns {Sensor[]}
 */
function drifting() {
  return Array.from({ length: 196 }, (_, index) => {
    const { values, deviation } = sensorOf(index)
    drift(values, 2500, 3100, 3 * deviation)
    return endingWith(values, 2500, 3100)
  })
}

/**
 * Recorded series, each with the model that `modelOf` gives it; which of their alarms are false is not known.
 * @param {(series: import('./corpora/nab.mjs').Series) => Model} modelOf
 * @returns {Sensor[]}
 */
function recorded(modelOf) {
  return series.map((one) => ({
    model: modelOf(one),
    timeMs: (row) => one.timeMs[row] ?? 0,
    values: one.values,
    faults: [],
  }))
}

/**
 * The one of which it is known, with its four windows.
 * @returns {Sensor[]}
 */
function labelled() {
  const windows = JSON.parse(readFileSync(new URL('../../src/demo/data/nab/windows.json', import.meta.url), 'utf8'))
  return recorded(() => base).flatMap((sensor, at) => {
    /** @type {readonly (readonly [string, string])[]} */
    const spans = windows[`${series[at]?.name}.csv`] ?? []
    const toMs = (/** @type {string} */ text) => Date.parse(`${text.slice(0, 19).replace(' ', 'T')}Z`)
    const faults = spans.map(([from, to]) => /** @type {const} */ ([toMs(from), toMs(to)]))
    return faults.length === 0 ? [] : [{ ...sensor, faults }]
  })
}

/**
 * A model of one series, of levels: it learns from the first rows only, and its scale is theirs.
 * @param {import('./corpora/nab.mjs').Series} one
 */
function ownModel(one) {
  const model = taught(part(historyOf(one), 0, trainedRows), null, { target: 'level' })
  const scales = new Map([['sensor', model.scaler?.scales.get('value')]])
  return /** @type {Model} */ ({ ...model, scaler: { kind: 'standard', scales } })
}

/** @type {readonly (readonly [string, Sensor[]])[]} */
const worlds = [
  ['generated', generated(0)],
  ['generated, normal drift', generated(5)],
  ['generated, drift is the fault', drifting()],
  ['recorded', recorded(() => base)],
  ['recorded, own models of levels', recorded(ownModel)],
  ['machine temperature', labelled()],
]
const head = [
  'sensors',
  '`adapt`',
  'error, median',
  'worst',
  'better on',
  'alarms per 1,000',
  'faults found',
  'in alarm',
]
process.stdout.write(`| ${head.join(' | ')} |\n|${head.map(() => '---').join('|')}|\n`)
for (const [name, sensors] of worlds) {
  const none = sensors.map((sensor) => scored(sensor, 'none'))
  for (const adapt of adaptations) {
    const results = adapt === 'none' ? none : sensors.map((sensor) => scored(sensor, adapt))
    const ratios = results.map(({ error }, at) => error / (none[at]?.error ?? Number.NaN))
    const sum = (/** @type {(one: Result) => number} */ of) => results.reduce((total, one) => total + of(one), 0)
    const faults = sensors.reduce((total, sensor) => total + sensor.faults.length, 0)
    const cells = [
      name,
      adapt,
      median(ratios).toFixed(3),
      Math.max(...ratios).toFixed(3),
      adapt === 'none' ? '–' : `${ratios.filter((ratio) => ratio < 1).length} of ${ratios.length}`,
      ((1000 * sum(({ alarms }) => alarms)) / sum(({ quietRows }) => quietRows)).toFixed(3),
      faults === 0 ? '–' : `${sum(({ found }) => found)} of ${faults}`,
      faults === 0 ? '–' : (sum(({ faultAlarmRows }) => faultAlarmRows) / sum(({ faultRows }) => faultRows)).toFixed(3),
    ]
    process.stdout.write(`| ${cells.join(' | ')} |\n`)
  }
}
