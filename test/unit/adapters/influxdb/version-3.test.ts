import { readFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { influxdbSink } from '../../../../src/adapters/influxdb/index.ts'
import type { Sink } from '../../../../src/ports/sink.ts'
import { Receiver } from '../../../contract/receiver.ts'
import { sampleAlarm, sampleContext, sampleScores, sampleTimeMs } from '../../../contract/sink-samples.ts'

/** The documented behaviour of the endpoint: no InfluxDB 3 server runs where the tests run. */
const contract = JSON.parse(readFileSync(new URL('write-lp.json', import.meta.url), 'utf8'))

describe('the sink for InfluxDB 3, against the documented contract of /api/v3/write_lp', () => {
  const receiver = new Receiver()
  const context = sampleContext()
  let sink: Sink

  beforeEach(async () => {
    process.env['RESIDUA_TEST_INFLUXDB3'] = 'apiv3_token'
    await receiver.start()
    receiver.requests.length = 0
    receiver.answer = () => ({ status: contract.taken.status })
    const raw = {
      type: 'influxdb',
      version: 3,
      url: receiver.url,
      database: 'plant & co',
      token: '${RESIDUA_TEST_INFLUXDB3}',
    }
    sink = influxdbSink.create('influx3', influxdbSink.options.parse(raw))
    await sink.open(context)
  })

  afterEach(async () => {
    await sink.close()
    await receiver.stop()
  })

  it('asks in the documented words: path, parameters, precision, token and compression', async () => {
    await sink.writeScores?.(sampleScores(context, [{ sensor: 's', value: 1.5 }]))
    const [request] = receiver.requests
    const url = new URL(request!.url, receiver.url)
    expect(request!.method).toBe(contract.request.method)
    expect(url.pathname).toBe(contract.request.path)
    expect([...url.searchParams.keys()].sort()).toEqual([...contract.request.query].sort())
    expect(url.searchParams.get('db')).toBe('plant & co')
    expect(contract.request.precisions).toContain(url.searchParams.get('precision'))
    expect(url.searchParams.get('precision')).toBe('millisecond')
    expect(url.searchParams.get('no_sync')).toBe('false')
    expect(request!.headers.authorization).toBe(`${contract.request.authorization} apiv3_token`)
    expect(contract.request.encodings).toContain(request!.headers['content-encoding'])
  })

  it('sends one line a reading and a transition, in ms', async () => {
    await sink.writeScores?.(sampleScores(context, [{ sensor: 'a b', value: 1.5, score: 0.25 }]))
    await sink.writeAlarms?.([sampleAlarm(context, { sensor: 'a b' })])
    expect(receiver.requests[0]!.body).toBe(
      `residua_score,plant=north,sensor=a\\ b value=1.5,score=0.25,quality="good" ${sampleTimeMs}\n`,
    )
    expect(receiver.requests[1]!.body).toMatch(/^residua_alarm,plant=north,priority=medium,sensor=a\\ b id="/)
  })

  it('doubles a backslash in a tag, as the parser of version 3 reads it', async () => {
    await sink.writeScores?.(sampleScores(context, [{ sensor: '\\\\PLC\\a, b', value: 1 }]))
    expect(receiver.requests[0]!.body).toContain('sensor=\\\\\\\\PLC\\\\a\\,\\ b value=')
  })

  it('says which lines were refused when the others were taken', async () => {
    receiver.answer = () => ({ status: contract.partly.status, body: JSON.stringify(contract.partly.body) })
    const write = sink.writeScores?.(sampleScores(context, [{ sensor: 's', value: 1 }]))
    await expect(write).rejects.toMatchObject({
      code: 'rejected',
      message: expect.stringMatching(/partial write.*1 refused, line 2: invalid column type/),
    })
  })

  it('says why when the whole batch was refused', async () => {
    receiver.answer = () => ({ status: contract.refused.status, body: JSON.stringify(contract.refused.body) })
    const write = sink.writeScores?.(sampleScores(context, [{ sensor: 's', value: 1 }]))
    await expect(write).rejects.toMatchObject({ code: 'rejected', message: expect.stringContaining('parsing failed') })
  })

  it('uses a token that was rotated, without a restart', async () => {
    await sink.writeScores?.(sampleScores(context, [{ sensor: 's', value: 1 }]))
    process.env['RESIDUA_TEST_INFLUXDB3'] = 'another'
    await sink.writeScores?.(sampleScores(context, [{ sensor: 's', value: 1 }]))
    delete process.env['RESIDUA_TEST_INFLUXDB3']
    const lost = sink.writeScores?.(sampleScores(context, [{ sensor: 's', value: 1 }]))
    await expect(lost).rejects.toMatchObject({ code: 'denied', retryable: true })
    expect(receiver.requests.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer apiv3_token',
      'Bearer another',
    ])
  })
})
