import { expect, test } from 'vitest'
import { utcCalendar } from '../../../src/base/civil-calendar.ts'
import { parseConfig } from '../../../src/config/parse.ts'
import { assetSpecs, specResolver } from '../../../src/config/resolve-spec.ts'
import { tables } from './tables.ts'

function resolver(rest: string) {
  return specResolver(parseConfig(`sources: [{ type: mqtt, url: "mqtt://b", topics: [a] }]\n${rest}`, tables))
}

test('rules go from general to particular: a later one wins, key by key', () => {
  const resolve = resolver(`
defaults: { priority: high, sensitivity: low, adapt: readout, alarm: { delayOn: 10s } }
sensors:
  - match: "**"
    unit: bar
    range: { low: 0, high: 10 }
    labels: { site: west, area: general }
  - match: "*/temperature"
    unit: celsius
    range: { high: 140 }
    alarm: { direction: high, delayOff: 60s }
    rate: 5
    adapt: both
    context: [pump-7/speed]
    silentAfter: never
    lateness: 2s
    labels: { asset: pump-7 }
`)
  expect(resolve('hall/temperature', { area: 'hall' })).toEqual({
    id: 'hall/temperature',
    asset: 'pump-7',
    channelOf: null,
    unit: 'celsius',
    labels: { site: 'west', area: 'general', asset: 'pump-7' },
    low: 0,
    high: 140,
    rateMax: 5,
    silentAfterMs: Infinity,
    latenessMs: 2_000,
    priority: 'high',
    alarm: { direction: 'high', delayOnMs: 10_000, delayOffMs: 60_000 },
    sensitivity: 'low',
    adapt: 'both',
    context: ['pump-7/speed'],
    isInput: false,
    calendar: utcCalendar,
  })
  expect(resolve('hall/pressure', {})).toMatchObject({
    unit: 'bar',
    asset: null,
    adapt: 'readout',
    context: [],
    low: 0,
    high: 10,
    rateMax: Infinity,
  })
})

test('without rules a sensor has the defaults and the labels of its source', () => {
  expect(resolver('')('s1', { asset: 'fan' })).toMatchObject({
    asset: 'fan',
    unit: '',
    priority: 'medium',
    sensitivity: 'normal',
    alarm: { direction: 'both', delayOnMs: 0, delayOffMs: 0 },
  })
})

test('a sensor is a channel of the first asset that matches it, whose name it takes where no label says another', () => {
  const resolve = resolver(`
assets:
  - { name: pump-7, channels: ["hall/pump-7/*"] }
  - { name: hall, channels: ["hall/**", "roof"] }`)
  const found = (id: string, labels = {}) => {
    const { channelOf, asset } = resolve(id, labels)
    return [channelOf, asset]
  }
  expect(found('hall/pump-7/flow')).toEqual(['pump-7', 'pump-7'])
  expect(found('hall/light', { asset: 'lamp' })).toEqual(['hall', 'lamp'])
  expect(found('roof')).toEqual(['hall', 'hall'])
  expect(found('yard')).toEqual([null, null])
})

test('an asset of the file is what the core makes a joint score of', () => {
  const text = `sources: [{ type: mqtt, url: "mqtt://b", topics: [a] }]
assets: [{ name: a, channels: ["*"], period: 1m, maxAge: 5m, lateness: 20s, trackDrift: true, alarm: { delayOn: 3s } }]`
  expect(assetSpecs(parseConfig(text, tables))).toEqual([
    {
      name: 'a',
      labels: {},
      periodMs: 60_000,
      maxAgeMs: 300_000,
      latenessMs: 20_000,
      warmupTicks: 500,
      tracks: true,
      priority: 'medium',
      sensitivity: 'normal',
      alarm: { delayOnMs: 3_000, delayOffMs: 0 },
    },
  ])
})

test('a sensor follows the calendar of the plant, and of its rules key by key; those that say the same share one', () => {
  const resolve = resolver(`
timeZone: Europe/Berlin
holidays: [2026-12-25]
shifts:
  - { name: early, from: "06:00", days: [mon, tue, wed, thu, fri] }
  - { name: late, from: "14:00", to: "22:00" }
sensors: [{ match: "chicago/*", timeZone: America/Chicago }, { match: "*/lamp", shifts: [] }]`)
  const { calendar } = resolve('berlin/a', {})
  expect(calendar.parts).toMatchObject({ zone: { name: 'Europe/Berlin' }, holidays: [20_812], dayStartMinute: 360 })
  expect(calendar.parts.shifts).toEqual([
    { name: 'early', fromMinute: 0, toMinute: 480, days: [0, 1, 2, 3, 4] },
    { name: 'late', fromMinute: 480, toMinute: 960, days: [0, 1, 2, 3, 4, 5, 6] },
  ])
  expect(resolve('berlin/b', {}).calendar).toBe(calendar)
  const chicago = resolve('chicago/a', {}).calendar.parts
  expect(chicago).toMatchObject({ zone: { name: 'America/Chicago' }, holidays: [20_812], dayStartMinute: 360 })
  expect(resolve('berlin/lamp', {}).calendar.parts).toMatchObject({ shifts: [], dayStartMinute: 0, holidays: [20_812] })
})

test.each([
  ['timeZone: Mars/Olympus', /timeZone: expected a time zone such as Europe\/Berlin/],
  ['holidays: [christmas]', /holidays\[0\]: expected a date such as 2026-12-25/],
  ['holidays: [2026-02-30]', /holidays\[0\]/],
  ['shifts: [{ name: early, from: "6:00" }]', /shifts\[0\].from: expected a time of day such as 06:00/],
  [
    'shifts: [{ name: a, from: "06:00" }, { name: b, from: "22:00" }, { name: c, from: "14:00" }]',
    /shifts\[1\]: expected shifts in the order of their beginnings; c begins at 14:00/,
  ],
  ['shifts: [{ name: a, from: "06:00", to: "15:00" }, { name: b, from: "14:00" }]', /shifts\[0\]: expected a to end/],
])('%s is refused with the place and what is expected', (text, message) => {
  expect(() => resolver(text)).toThrow(message)
})
