import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { GenericContainer, getContainerRuntimeClient } from 'testcontainers'
import { publicImages } from './engine.mjs'
import type { Started } from './local-server.ts'
import { freePorts } from './ports.ts'
import type { Place, Recipe } from './recipe.ts'
import { runFolder } from './run-folder.ts'
import type { Server } from './server.ts'
import { until } from './until.ts'

const readyTimeoutMs = 90_000

/** The one container of dockerode's that this file needs. */
type EngineContainer = ReturnType<Awaited<ReturnType<typeof getContainerRuntimeClient>>['container']['getById']>

/**
 * Starts a server in a container on the machine's own network, with the same files, ports and command as a local program:
 * so it reaches the test's own targets and webhooks on loopback, and a broker's advertised address is right.
 */
export async function startInContainer(recipe: Recipe, attempts = 3): Promise<Started> {
  const ports = (await freePorts(recipe.portCount)) as [number, ...number[]]
  const place = { config: '/residua/config', data: '/residua/data', ports, kafkaLibs: '/opt/kafka/libs' }
  const files = Object.entries(recipe.files(place))
  const container = await new GenericContainer(imageOf(recipe))
    .withEntrypoint(['sh', '-c'])
    .withCommand([script(recipe, place)])
    .withNetworkMode('host')
    .withUser('root')
    .withCopyContentToContainer(
      files.map(([name, content]) => ({ content, target: `${place.config}/${name}`, mode: 0o600 })),
    )
    .start()
  noteContainer(container.getId())
  const client = await getContainerRuntimeClient()
  const server = new ContainerServer(recipe, place, client.container.getById(container.getId()))
  try {
    await server.awaitReady()
    return { server, place }
  } catch (error) {
    await server.kill()
    const portTaken = /address already in use|bind/i.test(String(error))
    if (portTaken && attempts > 1) return startInContainer(recipe, attempts - 1)
    throw error
  }
}

/** Removes every container of a test run, also those whose test process died. */
export async function removeContainers(folder: string): Promise<void> {
  const noted = join(folder, 'containers')
  if (!existsSync(noted)) return
  const client = await getContainerRuntimeClient()
  for (const id of readdirSync(noted)) {
    const container = client.container.getById(id)
    // One that is gone already has nothing to remove.
    await container.remove({ force: true, v: true }).catch(() => undefined)
  }
}

function noteContainer(id: string): void {
  const folder = join(runFolder(), 'containers')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, id), '')
}

function imageOf(recipe: Recipe): string {
  return process.env['RESIDUA_TEST_IMAGES'] === 'built' ? `residua-test/${recipe.name}` : publicImages[recipe.name]
}

/** The container's one command: prepares once, and is then replaced by the server, which so gets the engine's signals. */
function script(recipe: Recipe, place: Place): string {
  const quoted = (words: readonly string[]): string =>
    words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')
  const done = `${place.data}.prepared`
  const prepare = recipe.prepare === undefined ? 'true' : quoted(recipe.prepare(place))
  return `mkdir -p ${place.data} && cd ${place.data} && { [ -e ${done} ] || { ${prepare} && touch ${done}; }; } && exec ${quoted(recipe.command(place))}`
}

class ContainerServer implements Server {
  readonly controllable = true
  readonly #recipe: Recipe
  readonly #place: Place
  readonly #container: EngineContainer

  constructor(recipe: Recipe, place: Place, container: EngineContainer) {
    this.#recipe = recipe
    this.#place = place
    this.#container = container
  }

  async awaitReady(): Promise<void> {
    const { name } = this.#recipe
    await until(
      `${name} to answer`,
      async () => {
        if (!(await this.#state()).Running) return 'ended'
        await this.#recipe.ready(this.#place)
        return 'ready'
      },
      { timeoutMs: readyTimeoutMs },
    ).catch(async (error: Error) => {
      throw new Error(`${error.message}\n${await this.#logEnd()}`)
    })
    if (!(await this.#state()).Running) throw new Error(`${name} ended at once:\n${await this.#logEnd()}`)
  }

  async #state() {
    return (await this.#container.inspect()).State
  }

  async #logEnd(): Promise<string> {
    const log = await this.#container.logs({ stdout: true, stderr: true, tail: 30 })
    return log.toString()
  }

  async stop(): Promise<void> {
    const state = await this.#state()
    if (state.Paused) await this.#container.unpause()
    if (state.Running) await this.#container.stop({ t: 15 })
  }

  async kill(): Promise<void> {
    if (!(await this.#state()).Running) return
    await this.#container.kill()
    await until(`${this.#recipe.name} to be gone`, async () => !(await this.#state()).Running)
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.#container.start()
    await this.awaitReady()
  }

  async pause(): Promise<void> {
    await this.#container.pause()
  }

  async resume(): Promise<void> {
    await this.#container.unpause()
  }
}
