/**
 * Finds the real servers on this machine and installs what is missing: plain Node, because test/run.mjs uses it before
 * anything is built.
 */
import { spawn } from 'node:child_process'
import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The Kafka version that tests run against; the jars come from Maven Central. */
export const kafkaVersion = '4.1.1'

/** The InfluxDB with `/api/v2/write` and Flux that Go builds without further tools. */
export const influxdb18Version = '1.8.10'

/** What each program is for, and the Debian package that has it. The first name that is found is taken. */
const programs = {
  mosquitto: { names: ['mosquitto'], packages: ['mosquitto'] },
  'influxdb-1.6': { names: ['influxd'], packages: ['influxdb'] },
  prometheus: { names: ['prometheus'], packages: ['prometheus'] },
  alertmanager: { names: ['alertmanager', 'prometheus-alertmanager'], packages: ['prometheus-alertmanager'] },
  kcat: { names: ['kcat', 'kafkacat'], packages: ['kcat'] },
  java: { names: ['java'], packages: ['default-jre-headless'] },
  openssl: { names: ['openssl'], packages: ['openssl'] },
  chromium: {
    names: ['chromium', 'chromium-browser', 'google-chrome'],
    packages: ['chromium', 'fonts-dejavu-core'],
  },
}

/** The programs that are found by `programPath`. */
export const programNames = /** @type {(keyof typeof programs)[]} */ (Object.keys(programs))

/** Folder that outlives the clone, for what takes long to fetch or to build. */
export function cacheFolder() {
  const base = process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache')
  return process.env['RESIDUA_TEST_CACHE'] ?? join(base, 'residua')
}

/**
 * Full path of a program, or undefined. Looks at PATH and at the system folders that a plain user's PATH leaves out.
 * @param {string} program
 * @returns {string | undefined}
 */
export function programPath(program) {
  const names = Object.entries(programs).find(([name]) => name === program)?.[1].names ?? [program]
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', '/usr/local/go/bin']
  for (const name of names) {
    for (const folder of folders) {
      const path = join(folder, name)
      if (folder !== '' && isProgram(path)) return path
    }
  }
  return undefined
}

/** @param {string} path */
function isProgram(path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** Folder of Kafka's jars; it exists only when they are all there. */
export function kafkaLibs() {
  return join(cacheFolder(), `kafka-${kafkaVersion}`)
}

/** The InfluxDB 1.8 program; it exists only when it is built. */
export function influxdb18Program() {
  return join(cacheFolder(), `influxdb-${influxdb18Version}`, 'influxd')
}

/** An InfluxDB 2.7 program, which is never built here: the environment may name one. */
export function influxdb27Program() {
  return process.env['RESIDUA_TEST_INFLUXD2'] ?? join(cacheFolder(), 'influxdb-2.7', 'influxd2')
}

/**
 * Debian packages that are missing for the wanted programs; empty when all are there.
 * @param {readonly string[]} wanted
 * @returns {string[]}
 */
export function missingPackages(wanted = programNames) {
  const packages = Object.entries(programs)
    .filter(([name]) => wanted.includes(name) && programPath(name) === undefined)
    .flatMap(([, program]) => program.packages)
  if (wanted.includes('java') && !existsSync(kafkaLibs()) && programPath('mvn') === undefined) packages.push('maven')
  return packages
}

/** Whether this user may install Debian packages. */
export function mayInstall() {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version') && programPath('apt-get') !== undefined
}

/**
 * Installs Debian packages without starting their services: the tests start their own instances, on ports of their own.
 * @param {readonly string[]} packages
 * @param {(text: string) => void} say
 */
export async function installPackages(packages, say) {
  say(`installing ${packages.join(', ')} from the system's packages (once)`)
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const install = ['install', '-y', '--no-install-recommends', ...packages]
  // Debian asks this script whether a fresh service may start; 101 means no.
  const policy = '/usr/sbin/policy-rc.d'
  const isOurs = !existsSync(policy)
  if (isOurs) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    await run('apt-get', install, { env }).catch(async () => {
      // The package lists of a fresh machine are empty or old.
      await run('apt-get', ['update'], { env })
      await run('apt-get', install, { env })
    })
  } finally {
    if (isOurs) rmSync(policy, { force: true })
  }
}

/**
 * Fetches Kafka's jars through Maven into the cache, unless they are there.
 * @param {(text: string) => void} say
 */
export async function installKafka(say) {
  if (existsSync(kafkaLibs())) return
  const maven = programPath('mvn')
  if (maven === undefined)
    throw new Error('Kafka comes through Maven, which is not installed (Debian: apt-get install maven)')
  say(`fetching Kafka ${kafkaVersion} through Maven (once)`)
  await intoCache(kafkaLibs(), (folder) =>
    run(maven, [
      '-q',
      '-B',
      '-f',
      fileURLToPath(new URL('kafka-pom.xml', import.meta.url)),
      `-Dkafka.version=${kafkaVersion}`,
      'dependency:copy-dependencies',
      '-DincludeScope=runtime',
      `-DoutputDirectory=${folder}`,
    ]),
  )
}

/**
 * Builds InfluxDB 1.8 with Go into the cache, unless it is there: about two minutes of one core.
 * @param {(text: string) => void} say
 */
export async function installInfluxdb18(say) {
  if (existsSync(influxdb18Program())) return
  const go = programPath('go')
  if (go === undefined) throw new Error('InfluxDB 1.8 is built with Go, which is not installed')
  say(`building InfluxDB ${influxdb18Version} with Go (once, about two minutes)`)
  const target = `github.com/influxdata/influxdb/cmd/influxd@v${influxdb18Version}`
  const flags = ['install', '-p', '1', '-ldflags', `-X main.version=${influxdb18Version}`, target]
  await intoCache(join(influxdb18Program(), '..'), (folder) =>
    run(go, flags, { env: { ...process.env, GOBIN: folder, GOFLAGS: '-buildvcs=false' } }),
  )
}

/**
 * Fills a folder beside its final place and moves it there, so that a broken or a second run never leaves half of it.
 * @param {string} target
 * @param {(folder: string) => Promise<void>} fill
 */
async function intoCache(target, fill) {
  const folder = `${target}.${process.pid}.part`
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  try {
    await fill(folder)
    try {
      renameSync(folder, target)
    } catch (error) {
      // Another run was faster: its result is the same.
      if (!existsSync(target)) throw error
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Runs a command quietly; its output is shown only when it fails.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string }} [options]
 * @returns {Promise<void>}
 */
export function run(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...args], { ...options, stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    const keep = (/** @type {Buffer} */ chunk) => {
      output = (output + chunk.toString()).slice(-20_000)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.once('error', reject)
    child.once('close', (code) => {
      if (code === 0) resolve()
      else reject(new Error(`${command} ${args.join(' ')} ended with ${code}\n${output.trim()}`))
    })
  })
}
