import { Absent } from './contender.mjs'
import { openC } from './contenders/c.mjs'
import { checkOutputs, fastest, quantile, rounds } from './measure.mjs'
import { onnxOpeners, tfjsOpeners } from './ratios.mjs'
import { makeNet, makeWork } from './work.mjs'

/**
 * Every cell, size and batch against everyone, in nanoseconds a step: where we win, and where we lose.
 *
 * @typedef {import('./contender.mjs').Runner} Runner
 * @typedef {import('./ratios.mjs').Ours} Ours
 * @typedef {import('./ratios.mjs').Size} Size
 * @typedef {Record<string, number | null>} Times
 * @typedef {{ cell: 'GRU' | 'LSTM', hidden: number, batch: number, ns: Times, ratios: Times }} Case
 */

const cells = /** @type {const} */ (['GRU', 'LSTM'])
const hiddenSizes = [8, 16, 32, 64, 128]
const batches = [1, 16, 256, 4_096]
const checkedLists = 2
/** Outputs of relaxed SIMD are other bits, but no worse. */
const contenders = /** @type {const} */ (['kernel', 'stream', 'relaxed', 'c', 'ort', 'tfjs_wasm'])

/**
 * Measures all cases one after the other.
 * @param {Ours} ours
 * @param {Size} size
 * @param {{ say: (text: string) => void, tell: (line: Case) => void }} hears
 */
export async function measureFull(ours, size, { say, tell }) {
  const effort = { pairs: 5, sliceMs: Math.min(40, size.effort.sliceMs) }
  /** @type {Set<string>} */
  const told = new Set()
  for (const cell of cells) {
    for (const hidden of hiddenSizes) {
      for (const batch of batches) {
        say(`${cell} H=${hidden} batch ${batch}`)
        const absent = (/** @type {string} */ reason) => {
          if (!told.has(reason)) say(reason)
          told.add(reason)
        }
        tell(await measureCase(ours, makeWork(makeNet(cell, hidden), size.slots, batch), effort, absent))
      }
    }
  }
}

/**
 * @param {Ours} ours
 * @param {import('./work.mjs').Work} work
 * @param {import('./measure.mjs').Effort} effort
 * @param {(reason: string) => void} absent
 * @returns {Promise<Case>}
 */
async function measureCase(ours, work, effort, absent) {
  const { cell, hidden } = work.net
  const kernel = await ours.openKernel(work)
  const expected = await kernel.check(checkedLists)
  /** @type {Record<Exclude<typeof contenders[number], 'kernel'>, (() => Promise<Runner>)[]>} */
  const openers = {
    stream: [() => ours.openStream(work)],
    relaxed: [() => ours.openKernel(work, { relaxed: true })],
    c: [() => openC(work)],
    ort: onnxOpeners(work),
    tfjs_wasm: tfjsOpeners(work),
  }
  /** @type {{ name: string, runner: Runner }[]} */
  const found = [{ name: 'kernel', runner: kernel }]
  for (const [name, open] of Object.entries(openers)) {
    try {
      const runner = await fastest(open, expected, checkedLists, effort)
      checkOutputs(runner.name, await runner.check(checkedLists), expected)
      found.push({ name, runner })
    } catch (error) {
      if (!(error instanceof Absent)) throw error
      absent(`${name}: ${error.message}`)
    }
  }
  const times = await rounds(
    found.map(({ runner }) => runner),
    effort,
  )
  for (const { runner } of found) await runner.close()
  const own = /** @type {number[]} */ (times[0])
  /** @type {Times} */
  const ns = Object.fromEntries(contenders.map((name) => [name, null]))
  /** @type {Times} */
  const ratios = Object.fromEntries(contenders.map((name) => [name, null]))
  for (const [place, { name }] of found.entries()) {
    const theirs = /** @type {number[]} */ (times[place])
    ns[name] = Number((quantile(theirs, 0.5) / work.batch).toFixed(1))
    ratios[name] = Number(
      quantile(
        theirs.map((each, round) => each / Number(own[round])),
        0.5,
      ).toFixed(3),
    )
  }
  return { cell, hidden, batch: work.batch, ns, ratios }
}
