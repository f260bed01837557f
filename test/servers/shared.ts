import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { uncontrolled, withControl } from './external.ts'
import { startKafka } from './kafka.ts'
import { startMosquitto } from './mosquitto.ts'
import type { Kafka, Mosquitto, Server } from './server.ts'

const variable = 'RESIDUA_TEST_SHARED_URL'

/** The one plain Kafka broker of the whole test run, started at its first use. Name topics and groups uniquely. */
export function sharedKafka(): Promise<Kafka> {
  return shared<Kafka>('kafka')
}

/** The one anonymous Mosquitto of the whole test run, started at its first use. Name topics and clients uniquely. */
export function sharedMosquitto(): Promise<Mosquitto> {
  return shared<Mosquitto>('mosquitto')
}

async function shared<T extends Server>(name: string): Promise<T> {
  const url = process.env[variable]
  if (url === undefined) throw new Error('shared servers need the global set-up of vitest.config.ts')
  const answer = await fetch(`${url}/${name}`)
  const body = (await answer.json()) as { error?: string; server?: object }
  if (body.server === undefined) throw new Error(body.error)
  return withControl(uncontrolled(`the shared ${name}`), body.server) as T
}

/**
 * Opens the desk where test processes ask for shared servers. The process that runs vitest starts them, so that they
 * outlive each test process and end with the run.
 * @returns a function that stops the servers and closes the desk
 */
export async function openSharedServers(): Promise<() => Promise<void>> {
  const started = new Map<string, Promise<Server>>()
  const starters: Readonly<Record<string, () => Promise<Server>>> = {
    '/kafka': () => startKafka(),
    '/mosquitto': () => startMosquitto(),
  }
  const desk = createServer((request, response) => {
    const name = request.url ?? ''
    const start = starters[name]
    const server = started.get(name) ?? start?.() ?? Promise.reject(new Error(`there is no shared server ${name}`))
    if (start !== undefined) started.set(name, server)
    server.then(
      (found) => response.end(JSON.stringify({ server: found })),
      (error: Error) => response.end(JSON.stringify({ error: error.message })),
    )
  })
  await new Promise<void>((resolve) => desk.listen(0, '127.0.0.1', resolve))
  process.env[variable] = `http://127.0.0.1:${(desk.address() as AddressInfo).port}`
  return async () => {
    desk.close()
    desk.closeAllConnections()
    for (const server of started.values()) await server.then((found) => found.stop()).catch(() => undefined)
  }
}
