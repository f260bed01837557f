import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { faultySeries } from '../bench/series.mjs'
import { judge } from './judge.mjs'
import { product } from './product.mjs'
import { prototype } from './prototype.mjs'
import { leaveOneOut, summarise } from './summary.mjs'

const folder = mkdtempSync(join(tmpdir(), 'residua-prototype-'))
afterAll(() => rmSync(folder, { recursive: true }))

function written(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

const series = (['level', 'stuck', 'silent', 'spike'] as const).map(
  (fault) => faultySeries('noisy', fault, 'plain', 1)!,
)
const noisy = series[0]!

describe('the product as a detector', () => {
  const alone = series.map((one) => product()([one], { sensitivity: 'normal' })[0]!)

  test('gives a series the same result alone and beside others', () => {
    expect(product()(series, { sensitivity: 'normal' })).toEqual(alone)
  })

  test('shows a stuck and a silent sensor as faults of the instrument, within the label', () => {
    for (const at of [1, 2]) {
      const [first, last] = series[at]!.windows[0]!
      const rows = [...alone[at]!.instrument.keys()].filter((row) => alone[at]!.instrument[row] === 1)
      expect(rows.length).toBeGreaterThan(0)
      expect(rows[0]).toBeGreaterThanOrEqual(first)
      expect(rows[0]).toBeLessThanOrEqual(last)
    }
  })

  test('scores nothing while it learns', () => {
    const [taught] = product()([noisy], { sensitivity: 'normal', learnRows: 1000 })
    expect(taught!.score.subarray(0, 1000).every((score) => score === 0)).toBe(true)
    expect(taught!.score.subarray(1000).some((score) => score > 0)).toBe(true)
  })
})

describe('a prototype', () => {
  test('gets readings and a setting, no name, and alarms from score 0.5 on', async () => {
    const file = written(
      'threshold.mjs',
      `export default (rows, { sensitivity }) => {
        if (Object.keys(rows).join() !== 'timeMs,values' || sensitivity !== 'normal') throw new Error(Object.keys(rows).join())
        return { score: rows.values.map((x) => 1 / (1 + Math.exp(-x))) }
      }`,
    )
    const [scored] = (await prototype(file))([noisy], { sensitivity: 'normal' })
    expect([...scored!.alarm]).toEqual([...noisy.values].map((x) => (x >= 0 ? 1 : 0)))
  })

  test('is refused without a default function, and with an answer of another length', async () => {
    await expect(prototype(written('none.mjs', 'export const detect = 1'))).rejects.toThrow('no default function')
    const short = await prototype(written('short.mjs', 'export default () => ({ score: [0, 1] })'))
    expect(() => short([noisy], { sensitivity: 'normal' })).toThrow('answered 2 rows')
  })
})

describe('figures of judged series', () => {
  const perfect = series.map((one) => {
    const alarm = new Uint8Array(one.values.length)
    const [first, last] = one.windows[0]!
    alarm.fill(1, first, last + 1)
    return judge('bench', one, { score: Float64Array.from(alarm), alarm, instrument: new Uint8Array(alarm.length) })
  })

  test('are perfect for a detector that knows the labels', () => {
    expect(summarise(perfect)).toMatchObject({
      windows: 4,
      recall: 1,
      precision: 1,
      f1: 1,
      far: 0,
      mar: 0,
      delayRows: 0,
    })
    expect(perfect[2]!.vus).toBeNull()
  })

  test('are those of nobody for a detector that says nothing', () => {
    const silent = series.map(({ values: { length }, ...one }, at) =>
      judge(
        'bench',
        { ...one, values: series[at]!.values, kind: `kind ${at}` },
        { score: new Float64Array(length), alarm: new Uint8Array(length), instrument: new Uint8Array(length) },
      ),
    )
    expect(summarise(silent)).toMatchObject({ recall: 0, f1: 0, far: 0, mar: 1, falsePerMonth: 0 })
    expect(summarise(silent).delayRows).toBeNaN()
  })

  test('with each kind left out once tell how much hangs on one', () => {
    const mixed = perfect.map((one, at) => ({
      ...one,
      kind: `kind ${at}`,
      events: at === 0 ? { ...one.events, found: 0, delays: [null] } : one.events,
    }))
    const spread = leaveOneOut(mixed, ({ recall }) => recall)
    expect(spread).toMatchObject({ least: 2 / 3, most: 1, mostWithout: 'kind 0' })
    // Jackknife of a share of 3 in 4: √(p(1 − p)/(n − 1)).
    expect(spread.deviation).toBeCloseTo(Math.sqrt((0.75 * 0.25) / 3), 12)
  })
})
