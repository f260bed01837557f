import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sinkOf } from '../contract/sink-places.ts'
import { sampleAlarm, sampleContext } from '../contract/sink-samples.ts'
import { type Certificates, certificates } from '../servers/certificates.ts'

describe('sinks that write over HTTPS', () => {
  const paths: string[] = []
  let server: Server
  let made: Certificates
  let url = ''

  beforeAll(async () => {
    made = await certificates()
    server = createServer({ key: made.key, cert: made.certificate }, (request, response) => {
      paths.push(request.url ?? '')
      request.resume().on('end', () => response.writeHead(204).end())
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  })

  afterAll(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  const forms = [
    ['InfluxDB 1', 'influxdb', { version: 1, database: 'plant' }],
    ['InfluxDB 3', 'influxdb', { version: 3, database: 'plant' }],
    ['Alertmanager', 'alertmanager', {}],
    ['webhook', 'webhook', {}],
  ] as const

  it.each(forms)('%s trusts the authority it is given, and nobody else', async (_label, type, options) => {
    const context = sampleContext()
    const transitions = [sampleAlarm(context, { sensor: 's' })]
    const trusting = sinkOf(type, { url, ...options, tls: { ca: made.caFile } })
    await trusting.open(context)
    const before = paths.length
    await trusting.writeAlarms?.(transitions)
    expect(paths.length).toBe(before + 1)
    await trusting.close()
    const wary = sinkOf(type, { url, ...options })
    await wary.open(context)
    await expect(wary.writeAlarms?.(transitions)).rejects.toMatchObject({
      code: 'unreachable',
      message: expect.stringContaining('certificate'),
    })
    await wary.close()
    expect(paths.length).toBe(before + 1)
  })
})
