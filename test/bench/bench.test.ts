import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { losses } from './baseline.mjs'
import { Absent } from './contender.mjs'
import { openC } from './contenders/c.mjs'
import { ours } from './contenders/ours.mjs'
import { checkOutputs, pairedRatio } from './measure.mjs'
import { makeNet, makeWork } from './work.mjs'

const names = ['tfjs_wasm_b256', 'ort_b256', 'ort_b1', 'c_b256', 'million_sensors', 'two_threads', 'training_tfjs_wasm']
const folder = mkdtempSync(join(tmpdir(), 'residua-bench-test-'))
afterAll(() => rmSync(folder, { recursive: true }))

interface Result {
  readonly ratios: Readonly<Record<string, number | null>>
  readonly hash: string
}

function runSmall(...more: string[]): { code: number | null; result: Result; said: string } {
  const script = fileURLToPath(new URL('run.mjs', import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, '--small', '--json', ...more], {
    encoding: 'utf8',
  })
  const last = stdout.trim().split('\n').at(-1) ?? ''
  return { code: status, result: JSON.parse(last), said: stderr }
}

function storeBaseline(name: string, ratio: number): string {
  const path = join(folder, `${name}.json`)
  const ratios = Object.fromEntries(names.map((each) => [each, each === name ? ratio : null]))
  writeFileSync(path, JSON.stringify({ date: '2026-01-01', machine: 'made up', node: 'v20', hash: '', ratios }))
  return path
}

describe('the benchmark', () => {
  it('runs small: every ratio by name, null with its reason where it was not measured, and the hash repeats', () => {
    const first = runSmall()
    expect(first.code).toBe(0)
    expect(Object.keys(first.result)).toEqual(['ratios', 'hash'])
    expect(Object.keys(first.result.ratios)).toEqual(names)
    expect(first.result.ratios['million_sensors']).toBeGreaterThan(0)
    expect(first.result.hash).toMatch(/^[0-9a-f]{16}$/)
    for (const [name, ratio] of Object.entries(first.result.ratios)) {
      if (ratio === null) expect(first.said).toContain(`bench: ${name}: null, `)
    }
    const second = runSmall('--only', 'million_sensors')
    expect(second.code).toBe(0)
    expect(second.result.hash).toBe(first.result.hash)
  })

  it('fails when a stored ratio is lost by more than 15 %, and says which', () => {
    const doctored = runSmall('--only', 'million_sensors', '--baseline', storeBaseline('million_sensors', 1_000))
    expect(doctored.code).toBe(1)
    expect(doctored.said).toMatch(/FAILED: million_sensors is .* 1000.00 is stored \(2026-01-01, made up/)
    const modest = runSmall('--only', 'million_sensors', '--baseline', storeBaseline('million_sensors', 0.001))
    expect(modest.code).toBe(0)
  })

  it('compares only what both runs measured, and forgives 15 %', () => {
    const baseline = { date: '', machine: '', node: '', hash: '', ratios: { a: 10, b: 10, c: 10, d: null } }
    const found = { a: 8.6, b: 8.4, c: null, d: 1 }
    expect(losses(found, baseline)).toEqual([{ name: 'b', stored: 10, found: 8.4 }])
  })

  it('takes the median of pairs, so that a disturbance of one moment does not count', async () => {
    const slices = { ours: 0, theirs: 0 }
    const ours = { run: async (lists: number) => lists * 1e6 * (++slices.ours % 5 === 0 ? 9 : 1) }
    const theirs = { run: async (lists: number) => lists * 6e6 * (++slices.theirs % 7 === 0 ? 9 : 1) }
    const perList = { oursSteps: 2, theirsSteps: 4 }
    const found = await pairedRatio(ours, theirs, perList, { pairs: 21, sliceMs: 10 })
    expect(found).toMatchObject({ ratio: 3, oursNs: 5e5, theirsNs: 1.5e6 })
  })

  it('refuses a contender that gives other outputs', () => {
    const expected = Float32Array.of(0.5, -0.25)
    expect(() => checkOutputs('close', Float32Array.of(0.500001, -0.25), expected)).not.toThrow()
    expect(() => checkOutputs('wrong', Float32Array.of(0.5001, -0.25), expected)).toThrow('wrong differs from us')
    expect(() => checkOutputs('broken', Float32Array.of(Number.NaN, -0.25), expected)).toThrow('broken differs from us')
  })

  it('shuffles every slot into lists of distinct ones', () => {
    const { rows } = makeWork(makeNet('GRU', 8), 100, 20)
    expect([...rows.flatMap((list) => [...list])].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 100 }, (_, i) => i),
    )
  })

  it('C by hand gives our outputs, for both cells, odd sizes and batches', { timeout: 60_000 }, async (context) => {
    const own = ours(fileURLToPath(new URL('../../dist', import.meta.url)))
    for (const [cell, hidden, batch] of [
      ['GRU', 33, 31],
      ['LSTM', 21, 30],
      ['GRU', 8, 1],
    ] as const) {
      const work = makeWork(makeNet(cell, hidden), 64, batch)
      const expected = await (await own.openKernel(work)).check(4)
      try {
        const c = await openC(work)
        checkOutputs(c.name, await c.check(4), expected)
        await c.close()
      } catch (error) {
        if (!(error instanceof Absent)) throw error
        context.skip(error.message)
      }
    }
  })
})
