import { library } from '../built.mjs'

/** @typedef {'low' | 'normal' | 'high'} Sensitivity */
/**
 * @typedef {object} Rows one sensor's readings as they arrive
 * @property {Float64Array} timeMs
 * @property {Float64Array} values
 * @property {Readonly<Record<string, Float64Array>>} [context] what explains them: commands, loads
 */
/**
 * @typedef {object} Scored
 * @property {Float64Array} score by row, 0.5 the alarm boundary
 * @property {Uint8Array} alarm 1: a process alarm stands
 * @property {Uint8Array} instrument 1: an instrument alarm stands
 */
/** @typedef {{ sensitivity: Sensitivity, learnRows?: number }} Setting */
/** @typedef {(series: readonly Rows[], setting: Setting) => Scored[]} Detector */
/** @typedef {import('../../../src/domain/alarm.ts').AlarmTransition} AlarmTransition */
/** @typedef {import('../../../src/model/model.ts').Model} Model */

const frameRows = 4_096

/**
 * Marks the rows at which an instrument alarm stands; silence is marked at the first reading after it began.
 * @param {Uint8Array} instrument
 * @param {Float64Array} timeMs
 * @param {readonly AlarmTransition[]} transitions of one sensor
 */
function markInstrument(instrument, timeMs, transitions) {
  let since = -1
  const rowAt = (/** @type {number} */ eventTime) => timeMs.findIndex((time) => time >= eventTime)
  const mark = (/** @type {number} */ to) => instrument.fill(1, since, Math.max(since + 1, to))
  for (const { alarm } of transitions) {
    if (alarm.class !== 'instrument') continue
    const row = rowAt(alarm.eventTime)
    if (alarm.state === 'unack' && since < 0) since = row
    else if (alarm.state !== 'unack' && since >= 0) {
      mark(row)
      since = -1
    }
  }
  if (since >= 0) mark(timeMs.length)
}

/**
 * A pipeline for so many sensors, and the frames between them.
 * @param {readonly Rows[]} series
 * @param {Setting} setting
 * @param {string | Model} model
 */
function play(series, { sensitivity, learnRows = 0 }, model) {
  const sensors = series.map((_, at) => ({ id: `s${at}`, sensitivity }))
  const learn = learnRows > 0 ? { learn: { rows: learnRows } } : {}
  const pipeline = library.createPipeline({ model, sensors, ...learn })
  const frame = new library.Frame(frameRows)
  const out = new library.OutcomeFrame(frameRows)
  const scored = series.map(({ values: { length } }) => ({
    score: new Float64Array(length),
    alarm: new Uint8Array(length),
    instrument: new Uint8Array(length),
  }))
  /** @type {AlarmTransition[][]} */
  const transitions = series.map(() => [])
  const filled = new Int32Array(series.length)
  const step = () => {
    pipeline.step(frame, out)
    for (let row = 0; row < out.count; row++) {
      const slot = out.slot[row] ?? 0
      const at = filled[slot] ?? 0
      const of = scored[slot]
      if (of !== undefined) {
        of.score[at] = out.score[row] ?? Number.NaN
        of.alarm[at] = out.alarm[row] ?? 0
      }
      filled[slot] = at + 1
    }
    for (const transition of out.transitions) transitions[Number(transition.alarm.sensor.slice(1))]?.push(transition)
    frame.clear()
    out.clear()
  }
  return { frame, step, scored, transitions }
}

/**
 * The product as `residua replay` runs it: all series as sensors of one pipeline, side by side, no result depending on another.
 * @param {string | Model} [model]
 * @returns {Detector}
 */
export function product(model = 'base') {
  return (series, setting) => {
    const { frame, step, scored, transitions } = play(series, setting, model)
    const longest = series.reduce((most, { values }) => Math.max(most, values.length), 0)
    for (let row = 0; row < longest; row++) {
      for (const [slot, { timeMs, values }] of series.entries()) {
        if (row >= values.length) continue
        const time = timeMs[row] ?? 0
        if (!frame.push(slot, time, values[row] ?? Number.NaN, 0, time)) {
          step()
          frame.push(slot, time, values[row] ?? Number.NaN, 0, time)
        }
      }
    }
    step()
    for (const [slot, { timeMs }] of series.entries()) {
      const of = scored[slot]
      if (of !== undefined) markInstrument(of.instrument, timeMs, transitions[slot] ?? [])
    }
    return scored
  }
}
