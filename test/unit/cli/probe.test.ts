import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { OperatingError } from '../../../src/base/errors.ts'
import { addressesOf, probe } from '../../../src/cli/probe.ts'

const folder = mkdtempSync(join(tmpdir(), 'residua-probe-'))
let server: Server
let port: number
let closedPort: number

function listen(): Promise<{ server: Server; port: number }> {
  return new Promise((resolve) => {
    const listening = createServer((socket) => socket.destroy())
    listening.listen(0, '127.0.0.1', () => {
      const address = listening.address()
      resolve({ server: listening, port: typeof address === 'object' && address !== null ? address.port : 0 })
    })
  })
}

beforeAll(async () => {
  ;({ server, port } = await listen())
  const other = await listen()
  closedPort = other.port
  await new Promise((resolve) => other.server.close(resolve))
})

afterAll(() => {
  server.close()
  rmSync(folder, { recursive: true })
})

function tried(options: unknown, kind: 'source' | 'sink' = 'sink') {
  return probe({ kind, name: 'x', type: 'x', options })
}

test('addresses come from url and brokers, with the usual port of each scheme', () => {
  expect(addressesOf({ url: 'mqtts://broker' })).toEqual([{ host: 'broker', port: 8883 }])
  expect(addressesOf({ url: 'http://[::1]:8086/x' })).toEqual([{ host: '::1', port: 8086 }])
  expect(addressesOf({ brokers: ['k1:9092', '[fe80::1]:9093'] })).toEqual([
    { host: 'k1', port: 9092 },
    { host: 'fe80::1', port: 9093 },
  ])
  expect(addressesOf({ path: 'file.csv' })).toEqual([])
})

test('a server that listens is reached', async () => {
  expect(await tried({ url: `http://127.0.0.1:${port}` })).toMatchObject({
    ok: true,
    detail: `127.0.0.1:${port} accepts connections`,
  })
})

test('a port where nothing listens fails with what to do', async () => {
  expect(await tried({ url: `http://127.0.0.1:${closedPort}` })).toMatchObject({
    ok: false,
    detail: expect.stringContaining('ECONNREFUSED'),
    fix: 'nothing listens there: start the server, or correct the port',
  })
})

test('one broker of several is enough, and the others are named', async () => {
  const result = await tried({ brokers: [`127.0.0.1:${port}`, `127.0.0.1:${closedPort}`] })
  expect(result).toMatchObject({ ok: true, detail: expect.stringMatching(/^1 of 2 brokers .*ECONNREFUSED/) })
})

test('files are tried for what they are used for', async () => {
  const file = join(folder, 'in.csv')
  writeFileSync(file, '')
  expect(await tried({ type: 'file', paths: [file] }, 'source')).toMatchObject({
    ok: true,
    detail: `${file} can be read`,
  })
  expect(await tried({ type: 'file', paths: [join(folder, 'no.csv')] }, 'source')).toMatchObject({
    ok: false,
    fix: 'make the file or folder, or correct the path',
  })
  expect(await tried({ type: 'file', scores: join(folder, 'new', 'out.csv') })).toMatchObject({ ok: true })
})

test('the check of the part itself goes first, and its operating errors are explained by the error table', async () => {
  const part = { check: () => Promise.reject(new OperatingError('auth', 'not for you')) }
  expect(await probe({ kind: 'sink', name: 'x', type: 'x', options: {}, part })).toMatchObject({
    ok: false,
    detail: 'not for you',
    fix: 'the system refused the user name, password or token',
  })
  const good = { check: async () => 'version 4.1' }
  expect(await probe({ kind: 'sink', name: 'x', type: 'x', options: {}, part: good })).toMatchObject({
    ok: true,
    detail: 'version 4.1',
  })
})
