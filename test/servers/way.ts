import { existsSync } from 'node:fs'
import { request } from 'node:http'

/** How servers without an address in the environment are started. */
export type Way = 'containers' | 'local'

let chosen: Promise<Way> | undefined

/** Containers where a Docker engine answers, else local programs; `RESIDUA_TEST_SERVERS` decides instead when it is set. */
export function serverWay(): Promise<Way> {
  chosen ??= choose()
  return chosen
}

async function choose(): Promise<Way> {
  const forced = process.env['RESIDUA_TEST_SERVERS']
  if (forced === 'containers' || forced === 'local') return forced
  if (forced !== undefined) throw new Error(`RESIDUA_TEST_SERVERS is "${forced}": use containers or local`)
  return (await engineAnswers()) ? 'containers' : 'local'
}

/** Whether a Docker engine answers at DOCKER_HOST, or else at its usual socket. */
export function engineAnswers(): Promise<boolean> {
  const host = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock'
  const socketPath = host.startsWith('unix://') ? host.slice('unix://'.length) : undefined
  if (socketPath !== undefined && !existsSync(socketPath)) return Promise.resolve(false)
  const address = socketPath === undefined ? new URL(host.replace(/^tcp:/, 'http:')) : undefined
  return new Promise((resolve) => {
    const ping = request({
      path: '/_ping',
      timeout: 2_000,
      ...(socketPath === undefined ? { host: address?.hostname, port: address?.port } : { socketPath }),
    })
    ping.once('response', (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    ping.once('timeout', () => ping.destroy())
    ping.once('error', () => resolve(false))
    ping.end()
  })
}
