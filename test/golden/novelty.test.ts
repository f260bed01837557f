import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { newMoment, utcCalendar } from '../../src/base/civil-calendar.ts'
import { judge, type Verdict } from '../../src/core/novelty/budget.ts'
import { novelty, streams } from '../../src/core/novelty/constants.ts'
import { type Evidence, weigh } from '../../src/core/novelty/evidence.ts'
import { N, noveltyWidth, tableBytes } from '../../src/core/novelty/layout.ts'
import { takeRange, takeSlow } from '../../src/core/novelty/level.ts'
import { Novelty } from '../../src/core/novelty/novelty.ts'
import { takeRecord } from '../../src/core/novelty/record.ts'
import { type OwnResidual, startResidual, takeResidual } from '../../src/core/novelty/residual.ts'
import { fixScale, standardised } from '../../src/core/novelty/scale.ts'
import { weekMinute } from '../../src/core/novelty/week.ts'
import { takeWindows, type WindowMeans } from '../../src/core/novelty/windows.ts'
import { recipeU } from './recipe-u.mjs'

/** Written by a Python prototype of recipe U, every intermediate of two series; θ = 1.05. */
const folder = join(import.meta.dirname, 'novelty')
const names = ['ambient', 'machine'] as const

interface Golden {
  readonly timeMs: Float64Array
  readonly values: Float64Array
  readonly rows: readonly (readonly number[])[]
}

function readGolden(name: (typeof names)[number]): Golden {
  const file = join(folder, `${name}_temperature_system_failure.csv.gz`)
  const [head = '', ...lines] = gunzipSync(readFileSync(file)).toString('utf8').trim().split('\n')
  expect(head).toBe('t,x,y,slow,week,ew,ctx,r_W10,r_x,r_W60,r_ctx,e,score')
  const rows = lines.map((line) => line.split(',').map(Number))
  const timeMs = Float64Array.from(rows, ([t]) => 1000 * t!)
  return { timeMs, values: Float64Array.from(rows, ([, x]) => x!), rows }
}

const series = new Map(names.map((name) => [name, readGolden(name)]))
const written = new Map(
  names.map((name) => {
    const { timeMs, values } = series.get(name)!
    return [name, recipeU(timeMs, values, 1.05)]
  }),
)

/** Largest difference, relative above one, and how many numbers were compared. */
function largest(pairs: Iterable<readonly [number, number]>): { difference: number; count: number } {
  let difference = 0
  let count = 0
  for (const [a, b] of pairs) {
    difference = Math.max(difference, Math.abs(a - b) / Math.max(1, Math.abs(b)))
    count++
  }
  return { difference, count }
}

describe.each(names)('recipe U as it is written, on the %s temperature', (name) => {
  const { rows } = series.get(name)!
  const mine = written.get(name)!
  test.each([
    ['y', 2],
    ['slow', 3],
    ['week', 4],
    ['ew', 5],
    ['ctx', 6],
    ['e', 11],
    ['score', 12],
  ] as const)('%s is the prototype’s', (column, at) => {
    const { difference, count } = largest(rows.map((row, i) => [mine[i]![column], row[at]!] as const))
    expect(count).toBeGreaterThan(7000)
    expect(difference).toBeLessThan(1e-6)
  })

  test.each([
    ['W10', 7],
    ['x', 8],
    ['W60', 9],
    ['ctx', 10],
  ] as const)('the record of %s is the prototype’s', (stream, at) => {
    const { difference } = largest(rows.map((row, i) => [mine[i]!.r[stream], row[at]!] as const))
    expect(difference).toBeLessThan(1e-6)
  })
})

describe.each(names)('the stages that need no table, on the %s temperature', (name) => {
  const { timeMs, values } = series.get(name)!
  const exact = written.get(name)!

  test('scale, range, slow mean and residual are those of the recipe', () => {
    const f = new Float64Array(noveltyWidth)
    fixScale(f, 0, values.slice(0, novelty.scaleRows).sort(), timeMs[1]! - timeMs[0]!)
    startResidual(f, 0)
    const own: OwnResidual = { predicted: 0, error: 0 }
    const pairs: [number, number][] = []
    for (const [t, row] of exact.entries()) {
      const y = standardised(f, 0, values[t]!)
      pairs.push([y, row.y], [takeRange(f, 0, y), row.range])
      const slow = takeSlow(f, 0, y)
      takeResidual(f, 0, y, slow, row.week, own)
      pairs.push([f[N.slow]!, row.slow], [own.error, row.ew])
      f[N.rows] = t + 1
    }
    expect(largest(pairs).difference).toBeLessThan(1e-9)
  })

  test('evidence, threshold, rest and score are those of the recipe', () => {
    const f = new Float64Array(noveltyWidth)
    const evidence: Evidence = { e: 0, by: 'short' }
    const verdict: Verdict = { threshold: 0, isOver: false, unrested: 0, score: 0 }
    const pairs: [number, number][] = []
    for (const [t, { r, e, threshold, isOver, score }] of exact.entries()) {
      f[N.rows] = t
      if (t < novelty.scaleRows) continue
      weigh({ short: r.W10, long: r.W60, above: r.x, below: -1, surprise: r.ctx }, evidence)
      judge(f, 0, evidence.e, novelty.theta.high, Infinity, verdict)
      pairs.push([evidence.e, e], [verdict.threshold, threshold], [verdict.score, score])
      expect(verdict.isOver).toBe(isOver)
    }
    expect(largest(pairs).difference).toBeLessThan(1e-9)
  })

  test('the short mean is exact, the long one is that of sixty readings within the tenth of one block', () => {
    const f = new Float64Array(noveltyWidth)
    const floats = new Float32Array(tableBytes / 4)
    const means: WindowMeans = { short: 0, long: 0, surprise: 0 }
    const short: [number, number][] = []
    let off = 0
    for (const [t, { ew, ctx, u }] of exact.entries()) {
      f[N.rows] = t
      takeWindows(f, 0, floats, 0, ew, ctx, means)
      short.push([Math.abs(means.short), u.W10], [means.surprise, u.ctx])
      off += Math.abs(Math.abs(means.long) - u.W60)
    }
    expect(largest(short).difference).toBeLessThan(1e-6)
    expect(off / exact.length).toBeLessThan(0.02)
  })

  test('records with a running median in place of a window of a thousand differ little', () => {
    const f = new Float64Array(noveltyWidth)
    let off = 0
    for (const [t, { u, r, range }] of exact.entries()) {
      f[N.rows] = t
      off += Math.abs(takeRecord(f, 0, N.short, streams.short, u.W10, range) - r.W10)
    }
    expect(off / exact.length).toBeLessThan(0.05)
  })
})

test.each(names)('in 2 KiB a sensor, the %s temperature gets much the same evidence', (name) => {
  const { timeMs, values } = series.get(name)!
  const exact = written.get(name)!
  const recipe = new Novelty(new Float64Array(noveltyWidth + tableBytes / 8))
  const stepMs = timeMs[1]! - timeMs[0]!
  let off = 0
  const over = { here: 0, there: 0 }
  const moment = newMoment()
  for (const [t, value] of values.entries()) {
    utcCalendar.locate(timeMs[t]!, moment)
    const minute = weekMinute(moment)
    if (!recipe.observe(0, noveltyWidth, value, minute, stepMs, 'high')) continue
    off += Math.abs(recipe.found.e - exact[t]!.e)
    if (recipe.found.isOver) over.here++
    if (exact[t]!.isOver) over.there++
  }
  expect(8 * noveltyWidth + tableBytes).toBeLessThanOrEqual(2272)
  expect(off / values.length).toBeLessThan(0.06)
  expect(over.here).toBeGreaterThan(over.there / 2)
  expect(over.here).toBeLessThan(over.there * 2)
})
