/**
 * The benchmark of the recurrent engine: `npm run bench -- [options]` in a clone.
 *
 * Compares it with TensorFlow.js, onnxruntime-node and C by hand, in turn in one run, and ends with 1 when a stored
 * ratio is lost by more than 15 %. Plain Node, because it builds the clone first. Progress goes to standard error.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { build, install } from '../../src/build.mjs'
import { losses, readBaseline, writeBaseline } from './baseline.mjs'
import { Absent } from './contender.mjs'
import { ours } from './contenders/ours.mjs'
import { measureFull } from './full.mjs'
import { installPeers } from './peers.mjs'
import { libraryAgainstKernel, ratios, threadsAgainstOne } from './ratios.mjs'
import { caseText, foundText } from './table.mjs'
import { makeNet, makeWork } from './work.mjs'

const here = dirname(fileURLToPath(import.meta.url))
const root = dirname(dirname(here))
const usage = `node test/bench/run.mjs [options]
  --json              the last line of standard output is {"ratios":{…},"hash":…}
  --small             tiny sizes and times, no peers: shows that the benchmark works, not how fast anything is
  --full              also LSTM, H = 8 … 128, batches 1 … 4096, relaxed SIMD
  --only NAME         one ratio: ${Object.keys(ratios).join(', ')}
  --baseline FILE     stored ratios (${join('test', 'bench', 'baseline.json')}; a small run compares only where it is given)
  --write-baseline    store the ratios of this run instead of comparing
  --dist FOLDER       a built program to measure instead of this clone's`

const say = (/** @type {string} */ text) => process.stderr.write(`bench: ${text}\n`)
/** @typedef {import('./ratios.mjs').Size} Size */
/** @typedef {import('./ratios.mjs').Found} Found */

try {
  process.exitCode = await main(readOptions())
} catch (error) {
  console.error(error)
  process.exitCode = 1
}

function readOptions() {
  const flag = /** @type {const} */ ({ type: 'boolean', default: false })
  const text = /** @type {const} */ ({ type: 'string' })
  const options = {
    json: flag,
    small: flag,
    full: flag,
    help: flag,
    'write-baseline': flag,
    only: text,
    baseline: text,
    dist: text,
  }
  try {
    const { values } = parseArgs({ options })
    if (values.only !== undefined && !Object.hasOwn(ratios, values.only)) throw new Error(`no ratio ${values.only}`)
    if (values['write-baseline'] && (values.small || values.only !== undefined)) {
      throw new Error('a baseline is written by a large run of all ratios')
    }
    return values
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\n${usage}`)
    process.exit(2)
  }
}

/**
 * @param {ReturnType<typeof readOptions>} options
 * @returns {Promise<number>} the exit code
 */
async function main(options) {
  if (options.help) {
    console.log(usage)
    return 0
  }
  const dist = options.dist === undefined ? join(root, 'dist') : resolve(options.dist)
  if (options.dist === undefined) {
    await install(root, say)
    await build(root, say)
  }
  /** @type {Size} */
  const size = options.small
    ? { slots: 64, manySlots: 512, bigBatch: 32, effort: { pairs: 3, sliceMs: 2 }, peers: false, dist }
    : { slots: 4_096, manySlots: 1_048_576, bigBatch: 4_096, effort: { pairs: 21, sliceMs: 60 }, peers: true, dist }
  const own = ours(dist)
  const hash = await resultHash(own)
  const wanted = options.only === undefined ? Object.keys(ratios) : [options.only]
  const needsPackages = options.full || wanted.some((name) => ratios[name]?.peer === 'npm')
  if (size.peers && needsPackages) await installPeers(say)
  const found = await measureAll(own, size, wanted)
  const failed = await compare(own, size, found, hash, options)
  if (!options.json) for (const line of foundText(found)) console.log(line)
  if (options.full) await runFull(own, size, options.json)
  if (!options.json) console.log(`hash of our outputs: ${hash}`)
  else console.log(JSON.stringify({ ratios: valuesOf(found), hash }))
  return failed ? 1 : 0
}

/**
 * Every ratio in turn; a contender that is not there gives null, and its reason.
 * @param {ReturnType<typeof ours>} own
 * @param {Size} size
 * @param {string[]} wanted
 */
async function measureAll(own, size, wanted) {
  /** @type {Record<string, Found | null>} */
  const found = {}
  for (const name of Object.keys(ratios)) found[name] = wanted.includes(name) ? await measureOne(own, size, name) : null
  if (wanted.length > 1) {
    const batch = size.peers ? 256 : 16
    const { theirsName, theirsNs, ratio } = await libraryAgainstKernel(own, { ...size, batch })
    say(
      `${theirsName}: ${theirsNs.toFixed(0)} ns a step at batch ${batch}, ${ratio.toFixed(2)} times the kernel's own step`,
    )
  }
  if (wanted.includes('two_threads') && found['two_threads'] !== null && size.peers) {
    const { ratio } = await threadsAgainstOne(own, { slots: size.slots, batch: 1_024, effort: size.effort })
    say(`two_threads at batch 1024: ${ratio.toFixed(2)}`)
  }
  return found
}

/**
 * @param {ReturnType<typeof ours>} own
 * @param {Size} size
 * @param {string} name
 * @returns {Promise<Found | null>}
 */
async function measureOne(own, size, name) {
  const ratio = /** @type {import('./ratios.mjs').Ratio} */ (ratios[name])
  if (ratio.peer !== null && !size.peers) {
    say(`${name}: null, a small run has no peers`)
    return null
  }
  say(`${name}: ${ratio.about}`)
  try {
    const found = await ratio.measure(own, size)
    say(`${name}: ${found.ratio.toFixed(2)}`)
    return found
  } catch (error) {
    if (!(error instanceof Absent)) throw error
    say(`${name}: null, ${error.message}`)
    return null
  }
}

/**
 * Compares with the stored ratios. A loss must show twice: what seems lost is measured once more, and the better one counts.
 * @param {ReturnType<typeof ours>} own
 * @param {Size} size
 * @param {Record<string, Found | null>} found
 * @param {string} hash
 * @param {ReturnType<typeof readOptions>} options
 */
async function compare(own, size, found, hash, options) {
  const path = options.baseline ?? join(here, 'baseline.json')
  if (options['write-baseline']) {
    writeBaseline(path, valuesOf(found), hash)
    return false
  }
  if (options.baseline === undefined && (options.small || !existsSync(path))) return false
  const baseline = readBaseline(path)
  for (const { name } of losses(valuesOf(found), baseline)) {
    say(`${name} seems lost; once more`)
    const again = await measureOne(own, size, name)
    if (again !== null && again.ratio > Number(found[name]?.ratio)) found[name] = again
  }
  const lost = losses(valuesOf(found), baseline)
  for (const loss of lost) {
    const { date, machine, node } = baseline
    const stored = `${loss.stored.toFixed(2)} is stored (${date}, ${machine}, Node ${node})`
    say(`FAILED: ${loss.name} is ${loss.found.toFixed(2)}, more than 15 % below what was: ${stored}`)
  }
  return lost.length > 0
}

/**
 * @param {Record<string, Found | null>} found
 * @returns {Record<string, number | null>}
 */
function valuesOf(found) {
  return Object.fromEntries(
    Object.entries(found).map(([name, each]) => [name, each === null ? null : Number(each.ratio.toFixed(3))]),
  )
}

/**
 * A hash of the bits that our kernel gives for fixed work: the same in every run, and of every machine.
 * @param {ReturnType<typeof ours>} own
 */
async function resultHash(own) {
  const hash = createHash('sha256')
  for (const cell of /** @type {const} */ (['GRU', 'LSTM'])) {
    for (const hidden of [8, 32, 33]) {
      const runner = await own.openKernel(makeWork(makeNet(cell, hidden), 256, 61))
      const outputs = await runner.check(16)
      await runner.close()
      hash.update(new Uint8Array(outputs.buffer))
    }
  }
  return hash.digest('hex').slice(0, 16)
}

/**
 * @param {ReturnType<typeof ours>} own
 * @param {Size} size
 * @param {boolean} json
 */
async function runFull(own, size, json) {
  if (!json) console.log(`\n${caseText(null)}`)
  await measureFull(own, size, {
    say,
    tell: (each) => console.log(json ? JSON.stringify(each) : caseText(each)),
  })
}
