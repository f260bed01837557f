/** Decides how servers are started; plain Node, because test/run.mjs asks too. */
import { existsSync } from 'node:fs'
import { request } from 'node:http'

/** @typedef {'containers' | 'local'} Way How servers without an address in the environment are started. */

/** @type {Promise<Way> | undefined} */
let chosen

/** Containers where a Docker engine answers, else local programs; `RESIDUA_TEST_SERVERS` decides instead when it is set. */
export function serverWay() {
  chosen ??= choose()
  return chosen
}

/** @returns {Promise<Way>} */
async function choose() {
  const forced = process.env['RESIDUA_TEST_SERVERS']
  if (forced === 'containers' || forced === 'local') return forced
  if (forced !== undefined) throw new Error(`RESIDUA_TEST_SERVERS is "${forced}": use containers or local`)
  return (await engineAnswers()) ? 'containers' : 'local'
}

/**
 * Whether a Docker engine answers at DOCKER_HOST, or else at its usual socket.
 * @returns {Promise<boolean>}
 */
export function engineAnswers() {
  const host = process.env['DOCKER_HOST'] ?? 'unix:///var/run/docker.sock'
  const socketPath = host.startsWith('unix://') ? host.slice('unix://'.length) : undefined
  if (socketPath !== undefined && !existsSync(socketPath)) return Promise.resolve(false)
  const address = socketPath === undefined ? new URL(host.replace(/^tcp:/, 'http:')) : undefined
  return new Promise((resolve) => {
    const where = address === undefined ? { socketPath } : { host: address.hostname, port: address.port }
    const ping = request({ path: '/_ping', timeout: 2_000, ...where })
    ping.once('response', (response) => {
      response.resume()
      resolve(response.statusCode === 200)
    })
    ping.once('timeout', () => ping.destroy(new Error('no answer')))
    ping.once('error', () => resolve(false))
    ping.end()
  })
}
