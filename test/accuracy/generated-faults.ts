import { createPrng } from '../../src/base/prng.ts'
import { createPipeline } from '../../src/core/live-pipeline.ts'
import { Frame } from '../../src/domain/frame.ts'
import { OutcomeFrame } from '../../src/domain/outcome.ts'
import { SensorCatalog } from '../../src/domain/sensor.ts'
import { createModel, type Model } from '../../src/model/model.ts'
import { generateSensor, processNames } from '../../src/train/corpus.ts'
import { addFault, faultKinds } from './faults.mjs'

const rows = 3600
const faultRows = 300

/** A kind of fault. */
export type FaultKind = (typeof faultKinds)[number]

interface Faulty {
  readonly kind: FaultKind
  readonly at: number
  readonly values: Float64Array
}

/** A sensor of the corpus, from a seed that training never used, with one fault of 300 rows after row 2,500. */
function faultySensor(index: number): Faulty {
  const random = createPrng(index * 7919 + 13)
  const values = generateSensor(random, rows, processNames[index % processNames.length]!)
  const kind = faultKinds[Math.floor(index / processNames.length) % faultKinds.length]!
  const at = 2500 + random.integer(700)
  addFault(values, kind, at, faultRows, random)
  return { kind, at, values }
}

/** What came of a kind of fault: sensors, those whose alarm stood within the fault, mean share of it in alarm. */
export interface Found {
  sensors: number
  found: number
  cover: number
}

/** What a model came to on generated sensors. */
export interface FaultReport {
  readonly faults: Readonly<Record<FaultKind, Found>>
  readonly falseAlarmsPer1000Rows: number
}

/** Runs `sensors` faulty sensors through the core after the usual warm-up. */
export function reportFaults(model: Model, sensors: number): FaultReport {
  const all = Array.from({ length: sensors }, (_, index) => faultySensor(index))
  const catalog = new SensorCatalog(sensors)
  all.forEach((_, index) => {
    catalog.intern(`s${index}`)
  })
  const pipeline = createPipeline({ model, catalog, plant: 'test', quarantine: false })
  const faults = Object.fromEntries(faultKinds.map((kind) => [kind, { sensors: 0, found: 0, cover: 0 }])) as Record<
    FaultKind,
    Found
  >
  const alarmRows = new Int32Array(sensors)
  let falseAlarms = 0
  let quietRows = 0
  const frame = new Frame(sensors)
  const out = new OutcomeFrame(sensors)
  for (let t = 0; t < rows; t++) {
    frame.clear()
    out.clear()
    const timeMs = t * 60_000
    all.forEach(({ values }, slot) => {
      frame.push(slot, timeMs, values[t]!, 0, timeMs)
    })
    pipeline.step(frame, out)
    all.forEach(({ kind, at }, slot) => {
      if (kind !== 'none' && t >= at && t < at + faultRows) alarmRows[slot] = alarmRows[slot]! + out.alarm[slot]!
      if (t >= 500 && (kind === 'none' || t < at)) quietRows++
    })
    for (const { alarm, from } of out.transitions) {
      const { kind, at } = all[Number(alarm.sensor.slice(1))]!
      if (alarm.class === 'process' && from === 'normal' && (kind === 'none' || t < at)) falseAlarms++
    }
  }
  all.forEach(({ kind }, slot) => {
    const into = faults[kind]
    into.sensors++
    if (alarmRows[slot]! > 0) into.found++
    into.cover += alarmRows[slot]! / faultRows
  })
  for (const kind of faultKinds) faults[kind].cover /= Math.max(1, faults[kind].sensors)
  return { faults, falseAlarmsPer1000Rows: (1000 * falseAlarms) / quietRows }
}

/** The model with a head of zeros: it predicts that nothing changes. */
export function persistence(model: Model): Model {
  const tensors = new Map(model.tensors)
  for (const name of ['head.weight', 'head.bias']) {
    const { shape, data } = model.tensors.get(name)!
    tensors.set(name, { shape, data: new Float32Array(data.length) })
  }
  return createModel('persistence', model.architecture, tensors, { forecast: model.forecast })
}
