import { library } from '../built.mjs'

/** @typedef {import('../bench/rigs.mjs').RigSeries} RigSeries */
/** @typedef {import('./product.mjs').Scored} Scored */
/** @typedef {import('./product.mjs').Sensitivity} Sensitivity */
/** @typedef {(series: readonly RigSeries[], setting: { sensitivity: Sensitivity }) => Scored[]} AssetDetector */

/** @type {typeof import('../../../src/core/live-pipeline.ts')} */
const { createPipeline } = await import(new URL('../../../dist/core/live-pipeline.js', import.meta.url).href)
/** @type {typeof import('../../../src/domain/sensor.ts')} */
const { defaultAsset, defaultSpec } = await import(new URL('../../../dist/domain/sensor.js', import.meta.url).href)

/** Ticks of one frame. */
const frameTicks = 256
const { model } = await library.loadModel('base')

/**
 * One machine as `residua replay --as asset --learn-rows` scores it.
 * @param {RigSeries} series
 * @param {Sensitivity} sensitivity
 * @returns {Scored}
 */
function scoreAsset({ timeMs, channels, learnRows }, sensitivity) {
  const columns = Object.entries(channels)
  const asset = { ...defaultAsset('machine'), sensitivity }
  const spec = (/** @type {string} */ id) => ({ ...defaultSpec(id), channelOf: asset.name })
  const catalog = new library.SensorCatalog(columns.length, spec, [asset])
  const slots = columns.map(([id]) => catalog.intern(id))
  const options = { model, catalog, plant: '', quarantine: false, learn: { rows: learnRows }, scoresChannels: false }
  const pipeline = createPipeline(options)
  const scored = {
    score: new Float64Array(timeMs.length),
    alarm: new Uint8Array(timeMs.length),
    instrument: new Uint8Array(timeMs.length),
  }
  let filled = 0
  const take = () => {
    const rows = pipeline.assets?.outcome
    if (rows === undefined) throw new Error('the pipeline has no asset')
    for (let row = 0; row < rows.count; row++) {
      scored.score[filled] = rows.score[row] ?? Number.NaN
      scored.alarm[filled++] = rows.alarm[row] ?? 0
    }
  }
  const frame = new library.Frame(frameTicks * columns.length)
  const out = new library.OutcomeFrame(frame.capacity)
  for (let from = 0; from < timeMs.length; from += frameTicks) {
    frame.clear()
    out.clear()
    for (let row = from; row < Math.min(timeMs.length, from + frameTicks); row++) {
      const time = timeMs[row] ?? 0
      for (const [at, [, values]] of columns.entries())
        frame.push(slots[at] ?? 0, time, values[row] ?? Number.NaN, 0, time)
    }
    pipeline.step(frame, out)
    take()
  }
  out.clear()
  pipeline.finish(out)
  take()
  if (filled !== timeMs.length) throw new Error(`${filled} ticks of ${timeMs.length} rows`)
  return scored
}

/** The product on machines of several channels, each scored as one. @type {AssetDetector} */
export const assetProduct = (series, { sensitivity }) => series.map((one) => scoreAsset(one, sensitivity))
