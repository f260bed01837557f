import { createServer, type Server } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { HttpClient, networkError, sinkSecret, statusError } from '../../../src/ports/http-client.ts'
import { Receiver } from '../../contract/receiver.ts'

const cleanups: (() => unknown)[] = []

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

function client(url: string, timeoutMs = 2_000): HttpClient {
  const made = new HttpClient(url, timeoutMs)
  cleanups.push(() => made.close())
  return made
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(() => {
    server.closeAllConnections()
    server.close()
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

describe('HttpClient', () => {
  it('posts below the path of its address, with the query of the path', async () => {
    const receiver = await new Receiver().start()
    cleanups.push(() => receiver.stop())
    const http = client(`${receiver.url}/prefix/`)
    const answer = await http.post('/api/write?a=b', { 'x-one': '1' }, Buffer.from('größe'))
    expect(answer.status).toBe(204)
    expect(receiver.requests[0]).toMatchObject({ method: 'POST', url: '/prefix/api/write?a=b', body: 'größe' })
    expect(receiver.requests[0]?.headers).toMatchObject({ 'x-one': '1', 'content-length': '7' })
  })

  it('writes on one kept connection, and once more on a new one when the server had closed it', async () => {
    const ports: (number | undefined)[] = []
    let closing = false
    const server = createServer((request, response) => {
      if (closing && request.socket.remotePort === ports[0]) return request.socket.resetAndDestroy()
      ports.push(request.socket.remotePort)
      response.end('ok')
    })
    const http = client(`http://${await listen(server)}`)
    await http.post('/', {}, Buffer.from('1'))
    await http.post('/', {}, Buffer.from('2'))
    expect(ports[1]).toBe(ports[0])
    closing = true
    expect((await http.post('/', {}, Buffer.from('3'))).body).toBe('ok')
    expect(ports).toHaveLength(3)
    expect(ports[2]).not.toBe(ports[0])
  })

  it('keeps at most 64 KiB of an answer', async () => {
    const server = createServer((_request, response) => response.end('x'.repeat(1_000_000)))
    const { body } = await client(`http://${await listen(server)}`).get('/', {})
    expect(body.length).toBe(65_536)
  })

  it('gives up in time when the answer begins and never ends', async () => {
    const server = createServer((_request, response) => {
      response.writeHead(200)
      response.write('first')
    })
    const read = client(`http://${await listen(server)}`, 100).get('/', {})
    await expect(read).rejects.toMatchObject({ code: 'timeout' })
  })

  it('does not trust a certificate that nobody vouches for, and names neither path nor query', async () => {
    const server = createSecureServer(() => {})
    const url = `https://${await listen(server as unknown as Server)}`
    const failure = client(`${url}/hook?key=hidden`).post('', {}, Buffer.from(''))
    await expect(failure).rejects.toMatchObject({ code: 'unreachable' })
    await expect(failure).rejects.not.toMatchObject({ message: expect.stringContaining('hidden') })
  })

  it('says which certificate file cannot be read', () => {
    const tls = { rejectUnauthorized: true, ca: '/nowhere/ca.pem' }
    expect(() => new HttpClient('https://h', 1_000, tls)).toThrow('/nowhere/ca.pem')
  })
})

describe('statusError()', () => {
  it('shortens a long reason to one line', () => {
    const error = statusError(400, `first\n${'second '.repeat(200)}`, 'the server')
    expect(error?.message).not.toContain('\n')
    expect(error?.message.length).toBeLessThan(600)
  })

  it('is nothing for a success', () => {
    expect(statusError(200, '', 'x')).toBeUndefined()
    expect(statusError(204, '', 'x')).toBeUndefined()
  })
})

describe('networkError()', () => {
  it('gives the code when the error has no words, as when every address of a name refused', () => {
    const error = Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' })
    expect(networkError(error, 'http://h').message).toBe('http://h: ECONNREFUSED')
  })
})

describe('sinkSecret()', () => {
  it('asks for another try when the secret is missing for the moment', () => {
    delete process.env['RESIDUA_TEST_ABSENT']
    expect(() => sinkSecret('${RESIDUA_TEST_ABSENT}')).toThrow(
      expect.objectContaining({ code: 'denied', retryable: true }),
    )
  })
})
