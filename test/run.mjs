/**
 * Runs the tests: `node test/run.mjs [tier…] [--containers] [vitest filters, such as -t NAME or a file]`.
 *
 * Installs and builds the clone, finds or installs the real servers that the wanted tiers need, runs the tiers and ends
 * with one line: `N passed, N failed`, and `, N skipped` where something was. Plain Node, because in a fresh clone there is nothing else.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build, install } from '../src/build.mjs'
import { readyImages, startEngine } from './servers/engine.mjs'
import {
  influxdb18Program,
  installInfluxdb18,
  installKafka,
  installPackages,
  mayInstall,
  missingPackages,
  programNames,
  programPath,
} from './servers/install.mjs'
import { engineAnswers, serverWay } from './servers/way.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const alone = ['unit', 'contract', 'property', 'golden', 'style', 'bench', 'sim']
const withServers = ['integration']
const withBrowser = ['browser']
// These need no server, but more time than a quick look has.
const longer = ['accuracy', 'examples']
const all = [...alone, ...longer, ...withServers, ...withBrowser]

const started = Date.now()
const say = (/** @type {string} */ text) => console.log(`test: ${text}`)
/** @type {(() => Promise<void>)[]} */
const atEnd = []
const total = { passed: 0, failed: 0, skipped: 0 }
/** What failed and why, told again at the end: a log of a run is often kept from its end only. @type {string[]} */
const failures = []
const { tiers, filters, containers } = readArguments(process.argv.slice(2))

let vitestRuns = false
// An interruption reaches vitest by itself; this process stays then, to end what it started.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.on(signal, () => {
    if (!vitestRuns) process.exit(130)
  })
}

try {
  await main()
} catch (error) {
  total.failed += 1
  console.error(error instanceof Error ? `test: ${error.message}` : error)
} finally {
  for (const end of atEnd.reverse()) await end().catch((error) => console.error(error))
}
for (const failure of failures) say(`failed: ${failure}`)
const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : ''
say(`took ${Math.round((Date.now() - started) / 1000)} s`)
console.log(`${total.passed} passed, ${total.failed} failed${skipped}`)
process.exitCode = total.failed > 0 ? 1 : 0

async function main() {
  await install(root, say)
  await build(root, say)
  const serverTiers = tiers.filter((tier) => withServers.includes(tier))
  const background = serverTiers.length > 0 ? await readyServers() : Promise.resolve()
  if (tiers.some((tier) => withBrowser.includes(tier)) && process.env['RESIDUA_TEST_CHROMIUM'] === undefined) {
    await readyPrograms(['chromium'])
    process.env['RESIDUA_TEST_CHROMIUM'] = programPath('chromium')
  }
  await runTiers(tiers.filter((tier) => alone.includes(tier) || longer.includes(tier)))
  await background
  // One file at a time: these watch clocks and outages, and two cores have a broker to run as well.
  await runTiers([...serverTiers, ...tiers.filter((tier) => withBrowser.includes(tier))], ['--no-file-parallelism'])
}

/** @param {string[]} words */
function readArguments(words) {
  const named = words.filter((word) => all.includes(word))
  const rest = words.filter((word) => !named.includes(word) && word !== '--containers' && word !== 'quick')
  const inContainers = words.includes('--containers')
  if (words.includes('quick')) return { tiers: alone, filters: rest, containers: false }
  const wanted = named.length > 0 ? all.filter((tier) => named.includes(tier)) : inContainers ? withServers : all
  return { tiers: wanted, filters: rest, containers: inContainers }
}

/**
 * Finds or installs what the integration tier needs. Resolves to work that may still go on beside the other tiers.
 * @returns {Promise<Promise<void>>}
 */
async function readyServers() {
  if (containers && !(await engineAnswers())) atEnd.push(await startEngine(say))
  if (containers) process.env['RESIDUA_TEST_SERVERS'] = 'containers'
  const way = await serverWay()
  process.env['RESIDUA_TEST_SERVERS'] = way
  if (way === 'containers') {
    say('servers run in containers')
    // A client, not a server: where it can be neither found nor installed, its two tests are skipped by name.
    if (mayInstall()) await readyPrograms(['kcat'])
    process.env['RESIDUA_TEST_IMAGES'] = await readyImages(say)
    return Promise.resolve()
  }
  await readyPrograms(programNames.filter((name) => name !== 'chromium' && !isGiven(name)))
  if (!isGiven('java')) await installKafka(say)
  say('servers run as local programs')
  return readyInfluxdb18()
}

/**
 * Whether the environment has the address of the server that this program would be.
 * @param {string} name
 */
function isGiven(name) {
  /** @type {Record<string, string>} */
  const variables = {
    mosquitto: 'RESIDUA_TEST_MQTT_URL',
    java: 'RESIDUA_TEST_KAFKA_BROKERS',
    'influxdb-1.6': 'RESIDUA_TEST_INFLUXDB16_URL',
  }
  return process.env[variables[name] ?? ''] !== undefined
}

/** InfluxDB 1.8 needs Go and two minutes, once; without Go its tests are skipped and named, unless they are required. */
async function readyInfluxdb18() {
  if (process.env['RESIDUA_TEST_INFLUXDB18_URL'] !== undefined) return
  if (programPath('go') !== undefined || existsSync(influxdb18Program())) return installInfluxdb18(say)
  const sentence = 'InfluxDB 1.8 is built with Go, which was not found'
  if (process.env['RESIDUA_TEST_REQUIRE']?.includes('influxdb-1.8')) throw new Error(`${sentence}, but it is required`)
  say(`${sentence}: its tests are not run`)
}

/** @param {string[]} names */
async function readyPrograms(names) {
  const missing = missingPackages(names)
  if (missing.length === 0) return
  if (!mayInstall()) {
    throw new Error(
      'the tests need real servers: give their addresses in the environment (README, "Tests"), or a Docker engine, or run ' +
        `as root on Debian, where they are installed from the system's packages. Missing here: ${missing.join(', ')}. ` +
        '`npm run test:unit` needs none.',
    )
  }
  await installPackages(missing, say)
}

/**
 * Runs tiers in one vitest and adds its counts.
 * @param {string[]} wanted
 * @param {string[]} more arguments of vitest
 */
async function runTiers(wanted, more = []) {
  const there = wanted.filter((tier) => hasTests(join(root, 'test', tier)))
  for (const tier of wanted) if (!there.includes(tier)) say(`${tier}: not run, it has no tests`)
  if (there.length === 0) return
  const folder = mkdtempSync(join(tmpdir(), 'residua-report-'))
  const report = join(folder, 'report.json')
  const projects = there.flatMap((tier) => ['--project', tier])
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
  say(`running ${there.join(', ')}`)
  const code = await runVisibly([vitest, 'run', '--passWithNoTests', ...projects, ...reporters, ...more, ...filters])
  addCounts(report, code)
  rmSync(folder, { recursive: true, force: true })
}

/** @param {string} folder */
function hasTests(folder) {
  return (
    existsSync(folder) && readdirSync(folder, { recursive: true }).some((name) => /\.test\.tsx?$/.test(String(name)))
  )
}

/**
 * @param {string[]} args
 * @returns {Promise<number>}
 */
function runVisibly(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit' })
    vitestRuns = true
    child.once('close', (code) => {
      vitestRuns = false
      resolve(code ?? 1)
    })
  })
}

/**
 * Counts come from vitest's own report. A file that could not even be loaded is one failure.
 * @param {string} report
 * @param {number} code
 */
function addCounts(report, code) {
  if (!existsSync(report)) throw new Error(`vitest ended with ${code} and left no report`)
  const found = JSON.parse(readFileSync(report, 'utf8'))
  let failed = 0
  for (const file of found.testResults) {
    const before = failures.length
    for (const test of file.assertionResults) {
      if (test.status === 'passed') total.passed += 1
      else if (test.status === 'failed') {
        failures.push(`${file.name}: ${test.fullName}\n${test.failureMessages.join('\n').slice(0, 2_000)}`)
      } else {
        total.skipped += 1
        if (!filters.includes('-t')) say(`skipped: ${test.fullName}`)
      }
    }
    if (file.status === 'failed' && failures.length === before) failures.push(`${file.name}: ${file.message}`)
    failed += failures.length - before
  }
  if (code !== 0 && failed === 0)
    say(`vitest ended with ${code} although no test failed: an error outside of a test, above`)
  total.failed += code !== 0 ? Math.max(1, failed) : failed
}
