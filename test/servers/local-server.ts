import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { influxdb18Program, influxdb27Program, installKafka, kafkaLibs, programPath, run } from './install.mjs'
import { freePorts, listensOn } from './ports.ts'
import type { Place, Recipe } from './recipe.ts'
import { forgetPid, notePid, serverFolder } from './run-folder.ts'
import type { Server } from './server.ts'
import { until } from './until.ts'

const readyTimeoutMs = 60_000
const stopTimeoutMs = 15_000

/** A server and where it is. */
export interface Started {
  readonly server: Server
  readonly place: Place
}

/** Starts a server as a process of this machine, in a folder of its own; tries other ports when one was taken meanwhile. */
export async function startLocally(recipe: Recipe, attempts = 3): Promise<Started> {
  if (recipe.name === 'kafka') await installKafka((text) => process.stderr.write(`${text}\n`))
  const folder = serverFolder(recipe.name)
  const ports = (await freePorts(recipe.portCount)) as [number, ...number[]]
  const place = { config: join(folder, 'config'), data: join(folder, 'data'), ports, kafkaLibs: kafkaLibs() }
  for (const [name, text] of Object.entries(recipe.files(place))) {
    const path = join(place.config, name)
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, text, { mode: 0o600 })
  }
  const server = new LocalServer(recipe, place, join(folder, 'log'))
  try {
    if (recipe.prepare !== undefined) await runPrepared(recipe, recipe.prepare(place))
    await server.start()
    return { server, place }
  } catch (error) {
    await server.kill()
    const portTaken = /address already in use|bind|eaddrinuse/i.test(String(error))
    if (portTaken && attempts > 1) return startLocally(recipe, attempts - 1)
    throw error
  }
}

async function runPrepared(recipe: Recipe, command: readonly [string, ...string[]]): Promise<void> {
  await run(program(recipe, command[0]), command.slice(1))
}

function program(recipe: Recipe, name: string): string {
  if (recipe.name === 'influxdb-1.8') return influxdb18Program()
  if (recipe.name === 'influxdb-2.7') return influxdb27Program()
  const path = programPath(recipe.name === 'influxdb-1.6' ? recipe.name : name)
  if (path === undefined) throw new Error(`${name} is not installed on this machine: \`npm test\` says what to do`)
  return path
}

class LocalServer implements Server {
  readonly controllable = true
  readonly #recipe: Recipe
  readonly #place: Place
  readonly #log: string
  #child: ChildProcess | undefined

  constructor(recipe: Recipe, place: Place, log: string) {
    this.#recipe = recipe
    this.#place = place
    this.#log = log
  }

  async start(): Promise<void> {
    const [name, ...args] = this.#recipe.command(this.#place)
    const log = openSync(this.#log, 'a')
    const child = spawn(program(this.#recipe, name), args, { stdio: ['ignore', log, log], cwd: this.#place.data })
    closeSync(log)
    let spawnError: Error | undefined
    child.once('error', (error) => {
      spawnError = error
    })
    this.#child = child
    if (child.pid !== undefined) notePid(child.pid)
    const ended = () => spawnError !== undefined || child.exitCode !== null || child.signalCode !== null
    await until(
      `${this.#recipe.name} to answer`,
      async () => {
        if (ended()) return 'ended'
        await this.#recipe.ready(this.#place)
        return 'ready'
      },
      { timeoutMs: readyTimeoutMs, everyMs: 30 },
    ).catch((error: Error) => {
      throw new Error(`${error.message}\n${this.#logEnd()}`)
    })
    if (ended()) throw new Error(`${this.#recipe.name} ended at once: ${spawnError?.message ?? ''}\n${this.#logEnd()}`)
    for (const port of this.#place.ports) {
      if (!listensOn(child.pid ?? 0, port))
        throw new Error(`${this.#recipe.name}: port ${port}: address already in use`)
    }
  }

  #logEnd(): string {
    return readFileSync(this.#log, 'utf8').slice(-2_000)
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (child?.pid === undefined) return
    if (child.exitCode === null && child.signalCode === null) {
      const closed = new Promise<void>((resolve) => child.once('exit', () => resolve()))
      // A paused process takes no other signal than SIGKILL before it goes on.
      child.kill('SIGCONT')
      child.kill(signal)
      const lastResort = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs)
      await closed
      clearTimeout(lastResort)
    }
    forgetPid(child.pid)
  }

  stop(): Promise<void> {
    return this.#end('SIGTERM')
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  async pause(): Promise<void> {
    this.#child?.kill('SIGSTOP')
  }

  async resume(): Promise<void> {
    this.#child?.kill('SIGCONT')
  }
}
