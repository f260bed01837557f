import { openC } from './contenders/c.mjs'
import { onnxFormulations } from './contenders/onnx-graphs.mjs'
import { openOnnxruntime } from './contenders/onnxruntime.mjs'
import { openTfjs, tfjsFormulations } from './contenders/tfjs.mjs'
import { openOurTraining } from './contenders/training-ours.mjs'
import { openTfjsTraining, tfjsTrainings } from './contenders/training-tfjs.mjs'
import { checkOutputs, fastest, pairedRatio, quantile, rounds } from './measure.mjs'
import { checkLosses, makeTraining } from './training-work.mjs'
import { makeNet, makeWork } from './work.mjs'

/**
 * The ratios of the benchmark: GRU (reset-after), H = 32, one input, dense head, gather and scatter included.
 *
 * Ours is the kernel's own `step(rows, count, x, y)`, which is what the pipeline calls and, like the peers' buffers that
 * are made once, allocates nothing. All are time of the other / time of ours, but `million_sensors`, which is our time a
 * step at 4,096 sensors / at 1,048,576, and `two_threads`, our time on one thread / on two.
 *
 * @typedef {import('./contender.mjs').Runner} Runner
 * @typedef {import('./measure.mjs').Effort} Effort
 * @typedef {import('./measure.mjs').Paired} Paired
 * @typedef {ReturnType<typeof import('./contenders/ours.mjs').ours>} Ours
 * @typedef {{ slots: number, manySlots: number, bigBatch: number, effort: Effort, peers: boolean, dist: string }} Size
 * @typedef {Paired & { oursName: string, theirsName: string, unit: string }} Found
 * @typedef {{ about: string, least: number, aim: number, peer: 'npm' | 'compiler' | null, measure: (ours: Ours, size: Size) => Promise<Found> }} Ratio
 */

/** Lists over which a contender's outputs are compared with ours before it is timed. */
const checkedLists = 4
const hidden = 32

/** @type {Record<string, Ratio>} */
export const ratios = {
  tfjs_wasm_b256: {
    about: 'TensorFlow.js WASM, its best formulation, batch 256',
    least: 4.5,
    aim: 8,
    peer: 'npm',
    measure: (ours, size) => against(ours, size, 256, tfjsOpeners),
  },
  ort_b256: {
    about: 'onnxruntime-node, its best formulation, batch 256',
    least: 1.6,
    aim: 2.2,
    peer: 'npm',
    measure: (ours, size) => against(ours, size, 256, onnxOpeners),
  },
  ort_b1: {
    about: 'onnxruntime-node, its best formulation, batch 1',
    least: 40,
    aim: 40,
    peer: 'npm',
    measure: (ours, size) => against(ours, size, 1, onnxOpeners),
  },
  c_b256: {
    about: 'C by hand (AVX-512 or AVX2), batch 256',
    least: 0.33,
    aim: 0.48,
    peer: 'compiler',
    measure: (ours, size) => against(ours, size, 256, (work) => [() => openC(work)]),
  },
  million_sensors: {
    about: 'itself, 1 M sensors against 4,096',
    least: 0.65,
    aim: 0.85,
    peer: null,
    measure: manySensors,
  },
  two_threads: { about: 'two threads against one, batch 4096', least: 1.5, aim: 1.9, peer: null, measure: twoThreads },
  training_tfjs_wasm: {
    about: 'TensorFlow.js WASM, training an epoch of 10,000 windows',
    least: 20,
    aim: 30,
    peer: 'npm',
    measure: training,
  },
}

/** @param {import('./work.mjs').Work} work */
export function tfjsOpeners(work) {
  return tfjsFormulations[work.net.cell].map((formulation) => () => openTfjs(work, formulation))
}

/** @param {import('./work.mjs').Work} work */
export function onnxOpeners(work) {
  return onnxFormulations[work.net.cell].map((formulation) => () => openOnnxruntime(work, formulation))
}

/**
 * @param {Ours} ours
 * @param {Size} size
 * @param {number} batch
 * @param {(work: import('./work.mjs').Work) => (() => Promise<Runner>)[]} openers
 * @returns {Promise<Found>}
 */
async function against(ours, { slots, effort }, batch, openers) {
  const work = makeWork(makeNet('GRU', hidden), slots, batch)
  const own = await ours.openKernel(work)
  const expected = await own.check(checkedLists)
  const other = await fastest(openers(work), expected, checkedLists, effort)
  const found = await pairedRatio(own, other, { oursSteps: batch, theirsSteps: batch }, effort)
  await own.close()
  await other.close()
  return { ...found, oursName: own.name, theirsName: other.name, unit: 'step' }
}

/**
 * The same batch over few slots and over many, whose rows are mostly in no cache when they are asked for.
 * @param {Ours} ours
 * @param {Size} size
 * @returns {Promise<Found>}
 */
async function manySensors(ours, { slots, manySlots, bigBatch, effort }) {
  const net = makeNet('GRU', hidden)
  const many = await ours.openKernel(makeWork(net, manySlots, bigBatch))
  const few = await ours.openKernel(makeWork(net, slots, bigBatch))
  const found = await pairedRatio(many, few, { oursSteps: bigBatch, theirsSteps: bigBatch }, effort)
  await many.close()
  await few.close()
  const theirsName = `the same, ${slots} sensors`
  return { ...found, oursName: `${many.name}, ${manySlots} sensors`, theirsName, unit: 'step' }
}

/**
 * @param {Ours} ours
 * @param {Size} size
 * @returns {Promise<Found>}
 */
async function twoThreads(ours, { slots, bigBatch, effort }) {
  return threadsAgainstOne(ours, { slots, batch: bigBatch, effort })
}

/**
 * One thread's time / two threads' time.
 * @param {Ours} ours
 * @param {{ slots: number, batch: number, effort: Effort }} size
 * @returns {Promise<Found>}
 */
export async function threadsAgainstOne(ours, { slots, batch, effort }) {
  const work = makeWork(makeNet('GRU', hidden), slots, batch)
  const two = await ours.openKernel(work, { threads: 2 })
  const one = await ours.openKernel(work)
  const [a, b] = [await two.check(checkedLists), await one.check(checkedLists)]
  if (!Buffer.from(a.buffer).equals(Buffer.from(b.buffer))) throw new Error('two threads give other bits than one')
  const found = await pairedRatio(two, one, { oursSteps: batch, theirsSteps: batch }, effort)
  await two.close()
  await one.close()
  return { ...found, oursName: two.name, theirsName: one.name, unit: 'step' }
}

/**
 * What the library's own way costs beside the kernel alone: `model.open({ slots }).step(rows, x)` against the kernel's step.
 * @param {Ours} ours
 * @param {{ slots: number, batch: number, effort: Effort }} size
 * @returns {Promise<Found>}
 */
export async function libraryAgainstKernel(ours, { slots, batch, effort }) {
  const work = makeWork(makeNet('GRU', hidden), slots, batch)
  const kernel = await ours.openKernel(work)
  const stream = await ours.openStream(work)
  checkOutputs(stream.name, await stream.check(checkedLists), await kernel.check(checkedLists))
  const found = await pairedRatio(kernel, stream, { oursSteps: batch, theirsSteps: batch }, effort)
  await stream.close()
  await kernel.close()
  return { ...found, oursName: kernel.name, theirsName: stream.name, unit: 'step' }
}

/**
 * @param {Ours} _ours
 * @param {Size} size
 * @returns {Promise<Found>}
 */
async function training(_ours, { dist, effort }) {
  const work = makeTraining(makeNet('GRU', hidden))
  const own = await openOurTraining(dist, work)
  const others = []
  for (const formulation of tfjsTrainings) {
    const other = await openTfjsTraining(work, formulation)
    checkLosses(other.name, other.firstLosses, own.firstLosses)
    others.push(other)
  }
  // One batch of theirs is longer than a slice, so each slice is one batch.
  const medians = (await rounds(others, { ...effort, pairs: 3 })).map((found) => quantile(found, 0.5))
  const other = /** @type {typeof own} */ (others[medians.indexOf(Math.min(...medians))])
  const { batch } = work
  const found = await pairedRatio(own, other, { oursSteps: batch, theirsSteps: batch }, effort)
  return { ...found, oursName: own.name, theirsName: other.name, unit: 'window' }
}
