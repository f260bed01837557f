import { describe, expect, it } from 'vitest'
import { influxdbOptions } from '../../../../src/adapters/influxdb/options.ts'
import { refusalOf } from '../../../../src/adapters/influxdb/refusal.ts'

const url = 'http://influx:8086'

describe('the options of the InfluxDB sink', () => {
  it('have the documented defaults: deciding scores, alarms, spill', () => {
    expect(influxdbOptions.parse({ type: 'influxdb', version: 1, url, database: 'plant' })).toMatchObject({
      ...{ scores: 'changes', alarms: true, policy: 'spill', timeout: 10_000, batchReadings: 5_000 },
    })
  })

  it.each([
    ['no version', { url, database: 'plant' }, 'version 1, 2 or 3'],
    ['a version as text', { version: '1', url, database: 'plant' }, 'version 1, 2 or 3'],
    ['a bucket for version 1', { version: 1, url, database: 'plant', bucket: 'b' }, 'bucket'],
    ['no token for version 2', { version: 2, url, org: 'o', bucket: 'b' }, 'token'],
    ['a token in the clear', { version: 2, url, org: 'o', bucket: 'b', token: 'secret' }, 'reference to a secret'],
    ['a password without a user', { version: 1, url, database: 'd', password: '${P}' }, 'username and password'],
    ['a login in the address', { version: 1, url: 'http://me:pw@influx', database: 'd' }, 'without a user name'],
    ['another protocol', { version: 1, url: 'udp://influx:8089', database: 'd' }, 'http://'],
    ['a duration without a unit', { version: 1, url, database: 'd', timeout: 10 }, 'duration with a unit'],
    ['an unknown policy', { version: 1, url, database: 'd', policy: 'forget' }, 'policy'],
  ])('refuse %s', (_what, options, text) => {
    const { error } = influxdbOptions.safeParse({ type: 'influxdb', ...options })
    expect(JSON.stringify(error?.issues)).toContain(text)
  })
})

describe('refusalOf()', () => {
  it.each([
    [
      '{"error":"partial write: points beyond retention policy dropped=3"}',
      'partial write: points beyond retention policy dropped=3',
    ],
    ['{"code":"invalid","message":"unable to parse line"}', 'unable to parse line'],
    ['<html>proxy error</html>', '<html>proxy error</html>'],
    ['', ''],
    ['{"data":"strange"}', '{"data":"strange"}'],
  ])('reads %s', (body, reason) => {
    expect(refusalOf(body)).toBe(reason)
  })
})
