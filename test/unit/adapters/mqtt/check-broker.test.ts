import { createServer, type Server } from 'node:net'
import { Aedes } from 'aedes'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { checkBroker } from '../../../../src/adapters/mqtt/check-broker.ts'

let broker: Aedes
let server: Server
let url: string

beforeAll(async () => {
  broker = await Aedes.createBroker({
    authenticate: (_client, username, password, done) => {
      const known = username === 'residua' && String(password) === 'right'
      done(known ? null : Object.assign(new Error('no'), { returnCode: 4 }), known)
    },
  })
  server = createServer(broker.handle)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  url = `mqtt://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
})

afterAll(async () => {
  await new Promise<void>((resolve) => broker.close(resolve))
  server.close()
})

const options = { protocolVersion: 4, keepAlive: 30_000, username: 'residua', password: '${CHECK_PASSWORD}' } as const

test('the right credentials are let in, and nobody stays connected', async () => {
  process.env['CHECK_PASSWORD'] = 'right'
  await expect(checkBroker({ ...options, url })).resolves.toBe(`${url} lets us in`)
  await expect.poll(() => broker.connectedClients).toBe(0)
})

test('wrong credentials fail as such, without trying again', async () => {
  process.env['CHECK_PASSWORD'] = 'wrong'
  await expect(checkBroker({ ...options, url })).rejects.toMatchObject({ code: 'auth' })
  await expect.poll(() => broker.connectedClients).toBe(0)
})

test('a broker that is not there fails at the first attempt', async () => {
  process.env['CHECK_PASSWORD'] = 'right'
  await expect(checkBroker({ ...options, url: 'mqtt://127.0.0.1:1' })).rejects.toMatchObject({
    code: 'connect',
    message: expect.stringContaining('ECONNREFUSED'),
  })
})
