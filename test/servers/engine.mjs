/** Starts a Docker engine for a test run and makes the servers' images ready; plain Node, because test/run.mjs uses it. */
import { execFile, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import {
  cacheFolder,
  influxdb18Program,
  installInfluxdb18,
  installKafka,
  installPackages,
  kafkaLibs,
  kafkaVersion,
  mayInstall,
  programPath,
  run,
} from './install.mjs'
import { engineAnswers } from './way.mjs'

const execute = promisify(execFile)

/** The public image of each server. */
export const publicImages = /** @type {const} */ ({
  mosquitto: 'eclipse-mosquitto:2',
  kafka: `apache/kafka:${kafkaVersion}`,
  'influxdb-1.6': 'influxdb:1.6',
  'influxdb-1.8': 'influxdb:1.8',
  'influxdb-2.7': 'influxdb:2.7',
  prometheus: 'prom/prometheus:v2.55.1',
  alertmanager: 'prom/alertmanager:v0.28.1',
})

/**
 * Starts an engine of the test run's own and points DOCKER_HOST at it. It changes no network settings of the machine:
 * no bridge, no firewall rules; containers and builds use the machine's own network. Images stay in the cache folder.
 * @param {(text: string) => void} say
 * @returns {Promise<() => Promise<void>>} a function that ends the engine
 */
export async function startEngine(say) {
  if (programPath('dockerd') === undefined) {
    if (!mayInstall()) throw new Error('no Docker engine answers: start one, or set DOCKER_HOST')
    await installPackages(['docker.io', 'debootstrap'], say)
  }
  if (process.getuid?.() !== 0) throw new Error('no Docker engine answers: start one, set DOCKER_HOST, or run as root')
  const folder = mkdtempSync(join(tmpdir(), 'residua-engine-'))
  const socket = join(folder, 'docker.sock')
  const data = join(cacheFolder(), 'docker')
  mkdirSync(data, { recursive: true })
  const log = openSync(join(folder, 'log'), 'a')
  const paths = ['--data-root', data, '--exec-root', join(folder, 'exec'), '--pidfile', join(folder, 'dockerd.pid')]
  const gentle = ['--bridge=none', '--iptables=false', '--ip-forward=false']
  const engine = spawn(programPath('dockerd') ?? 'dockerd', [...paths, ...gentle, '-H', `unix://${socket}`], {
    stdio: ['ignore', log, log],
    // Not in the terminal's group: an interruption must not end it before its containers are removed.
    detached: true,
  })
  // Also when this process is interrupted before it comes to the end.
  process.once('exit', () => engine.kill('SIGTERM'))
  process.env['DOCKER_HOST'] = `unix://${socket}`
  const ended = new Promise((resolve) => engine.once('exit', resolve))
  for (let tries = 0; !(await engineAnswers()); tries += 1) {
    if (engine.exitCode !== null || tries > 150) {
      engine.kill('SIGKILL')
      throw new Error(`dockerd does not start: ${readFileSync(join(folder, 'log'), 'utf8').slice(-1_000)}`)
    }
    await pause(200)
  }
  say('started a Docker engine for this run')
  return async () => {
    engine.kill('SIGTERM')
    await ended
    // The engine leaves the mount of the machine's own network behind.
    await execute('umount', [join(folder, 'exec', 'netns', 'default')]).catch(() => undefined)
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * Fetches the public images, or builds all of them from Debian's packages where no registry answers.
 * @param {(text: string) => void} say
 * @returns {Promise<'public' | 'built'>}
 */
export async function readyImages(say) {
  // Rightly or wrongly testcontainers may think that it runs in a container itself; the servers use the machine's network.
  process.env['TESTCONTAINERS_HOST_OVERRIDE'] ??= '127.0.0.1'
  const forced = process.env['RESIDUA_TEST_IMAGES']
  if (forced !== 'built' && (await pullImages(say))) return 'public'
  if (forced === 'public') throw new Error('the public images cannot be fetched')
  // The cleaning container of testcontainers is a public image too; the run removes its containers itself.
  process.env['TESTCONTAINERS_RYUK_DISABLED'] = 'true'
  await buildImages(say)
  return 'built'
}

/** @param {(text: string) => void} say */
async function pullImages(say) {
  for (const image of Object.values(publicImages)) {
    try {
      await execute('docker', ['image', 'inspect', image])
      continue
    } catch {
      // It is not there yet.
    }
    try {
      say(`fetching image ${image}`)
      await execute('docker', ['pull', '-q', image], { timeout: 300_000 })
    } catch (error) {
      const line = /** @type {Error} */ (error).message.trim().split('\n').at(-1)
      say(`image ${image} cannot be fetched (${line}): images are built here instead`)
      return false
    }
  }
  return true
}

/** @param {(text: string) => void} say */
async function buildImages(say) {
  await installKafka(say)
  if (programPath('go') !== undefined) await installInfluxdb18(say)
  await buildBase(say)
  const images = fileURLToPath(new URL('images/', import.meta.url))
  /** @type {[string, string][]} */
  const contexts = [
    ['mosquitto', join(images, 'mosquitto')],
    ['kafka', kafkaLibs()],
    ['influxdb-1.6', join(images, 'influxdb-1.6')],
    ['prometheus', join(images, 'prometheus')],
    ['alertmanager', join(images, 'alertmanager')],
  ]
  if (existsSync(influxdb18Program())) contexts.push(['influxdb-1.8', dirname(influxdb18Program())])
  for (const [name, context] of contexts) {
    say(`building image residua-test/${name}`)
    const dockerfile = join(images, name, 'Dockerfile')
    const build = ['build', '-q', '--network', 'host', '-t', `residua-test/${name}`, '-f', dockerfile, context]
    await run('docker', build, { env: { ...process.env, DOCKER_BUILDKIT: '0' } })
  }
}

/** @param {(text: string) => void} say */
async function buildBase(say) {
  try {
    await execute('docker', ['image', 'inspect', 'residua-test/base'])
    return
  } catch {
    // It is not there yet.
  }
  if (programPath('debootstrap') === undefined) {
    if (!mayInstall()) throw new Error('no registry answers, and images are built only by root on Debian (debootstrap)')
    await installPackages(['debootstrap'], say)
  }
  say('building a Debian base image with debootstrap (once)')
  const folder = mkdtempSync(join(tmpdir(), 'residua-base-'))
  const suite = /VERSION_CODENAME=(\w+)/.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'stable'
  try {
    await run('debootstrap', ['--variant=minbase', suite, join(folder, 'rootfs')])
    const leaveOut = ['var/cache/apt', 'var/lib/apt/lists', 'usr/share/doc', 'usr/share/locale', 'usr/share/man']
    const excluded = leaveOut.map((path) => `--exclude=./${path}/*`)
    await run('tar', ['-C', join(folder, 'rootfs'), ...excluded, '-cf', join(folder, 'base.tar'), '.'])
    await run('docker', ['import', join(folder, 'base.tar'), 'residua-test/base'])
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
