import { expect, test } from 'vitest'
import { type QuerySeries, SeriesDecoder } from '../../../../src/adapters/influxdb/series-decoder.ts'
import { collect } from '../../codec/collect.ts'

function read(...series: QuerySeries[]) {
  const bytes = Buffer.from(JSON.stringify({ results: [{ series }] }))
  return collect(new SeriesDecoder(), bytes)
}

test('the tag or the column `sensor` names the sensor, and `value` is it', () => {
  const columns = ['time', 'value', 'quality']
  const grouped = read({ name: 't', tags: { sensor: 's1', line: '2' }, columns, values: [[5, 1.5, 'bad']] })
  expect(grouped).toMatchObject({ readings: [['s1', 5, 1.5, 2]], labels: [{ line: '2' }] })
  const named = read({ name: 't', columns: ['time', 'sensor', 'value', 'raw'], values: [[5, 's2', 1, 7]] })
  expect(named.readings.map(([sensor, , value]) => [sensor, value])).toEqual([
    ['s2', 1],
    ['s2.raw', 7],
  ])
})

test('else measurement and tags do, as in line protocol; a number that stands alone is the sensor', () => {
  const tags = { b: '2', a: '1' }
  const one = read({
    name: 'boiler',
    tags,
    columns: ['time', 'mean'],
    values: [
      [5, 1],
      [6, null],
      [7, 2],
    ],
  })
  expect(one.readings.map(([sensor, timeMs]) => [sensor, timeMs])).toEqual([
    ['boiler,a=1,b=2', 5],
    ['boiler,a=1,b=2', 7],
  ])
  const wide = read({ name: 'boiler', columns: ['time', 'flow', 'line', 'value'], values: [[5, 1, 'x', 2]] })
  expect(wide.readings.map(([sensor]) => sensor)).toEqual(['boiler,line=x.flow', 'boiler,line=x'])
})

test('what is no JSON is rejected', () => {
  expect(collect(new SeriesDecoder(), '{', { line: 3 }).rejects).toEqual([['malformed', 3]])
})
