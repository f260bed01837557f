import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { createPrng } from '../../../src/base/prng.ts'
import type { EvaluationTable } from '../../../src/train/evaluate/evaluation-table.ts'
import { run } from './run-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'residua-evaluate-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const file = (name: string): string => join(folder, name)

/** A file of one or several channels, a row a minute. */
function write(name: string, channels: readonly string[], value: (row: number, channel: number) => number): string {
  const rows = Array.from({ length: 900 }, (_, row) => {
    const time = new Date(Date.UTC(2024, 0, 1) + row * 60_000).toISOString()
    return [time, ...channels.map((_, channel) => value(row, channel).toFixed(5))].join()
  })
  writeFileSync(file(name), `timestamp,${channels.join()}\n${rows.join('\n')}\n`)
  return file(name)
}

interface Answer {
  readonly channels: readonly (EvaluationTable & { readonly channel: string })[]
}

describe('residua evaluate', () => {
  test('says plainly that repeating the last value beats a network on a random walk', async () => {
    const random = createPrng(5)
    let level = 0
    const walk = write('walk.csv', ['price'], () => {
      level += random.normal()
      return level
    })
    await run('train', walk, '--out', file('walk'), '--epochs', '3', '--horizons', '2', '--json')
    const { exitCode, out } = await run('evaluate', walk, '--model', file('walk'))
    expect(exitCode).toBe(0)
    expect(out).toMatch(/^price\n.*walk/)
    const json = await run('evaluate', walk, '--model', file('walk'), '--json')
    const { channels } = JSON.parse(json.out) as Answer
    const all = (name: string): number | null | undefined =>
      channels[0]!.rows.find((row) => row.name === name)!.judgements.at(-1)!.mae.value
    // No method can be better than the last value here, but for what chance gives on 135 rows.
    expect(all('walk')!).toBeGreaterThan(0.97 * all('naive')!)
  })

  test('judges a model a channel by its own, and writes a page and one JSON file', async () => {
    const waves = write('waves.csv', ['a', 'b/c'], (row, channel) => Math.sin(row / (8 + 5 * channel)))
    await run('train', waves, '--out', file('waves'), '--epochs', '4', '--horizons', '3', '--json')
    const { exitCode, out } = await run('evaluate', waves, '--model', file('waves'), '--json', '--out', file('judged'))
    expect(exitCode).toBe(0)
    const { channels } = JSON.parse(out) as Answer
    expect(channels.map(({ channel }) => channel)).toEqual(['a', 'b/c'])
    for (const { rows, range } of channels) {
      expect(rows[0]!.isModel).toBe(true)
      expect(rows.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['naive', 'EWMA', 'AR', 'MA', 'ARMA', 'ridge']),
      )
      expect(range).toEqual({ from: 765, to: 900 })
    }
    expect(readFileSync(file('judged/a.html'), 'utf8')).toContain('<!doctype html>')
    expect(existsSync(file('judged/b%2Fc.html'))).toBe(true)
    // The page of all channels leads to them, whatever their names.
    const index = readFileSync(file('judged/evaluation.html'), 'utf8')
    const links = [...index.matchAll(/<th scope="row"><a href="([^"]+)">/g)].map(([, to]) => to!)
    expect(links.map((to) => existsSync(file(`judged/${decodeURIComponent(to)}`)))).toEqual([true, true])
    expect(index).toMatch(/smaller mean absolute error than every simple method on [012] of 2 channels/)
    for (const picture of ['a-errors', 'a-forecast-1', 'a-forecast-3', 'b%2Fc-errors']) {
      expect(readFileSync(file(`judged/${picture}.svg`), 'utf8')).toMatch(/^<svg xmlns=.*<\/svg>\n$/s)
    }
    expect(JSON.parse(readFileSync(file('judged/evaluation.json'), 'utf8'))).toEqual(JSON.parse(out))
  })

  test('judges the band of a Gaussian head, and windows where the model reads them backwards', async () => {
    const random = createPrng(9)
    const noisy = write('noisy.csv', ['x'], (row) => Math.sin(row / 9) + 0.1 * random.normal())
    await run('train', noisy, '--loss', 'gaussian', '--out', file('gauss'), '--epochs', '20', '--json')
    const gauss = JSON.parse((await run('evaluate', noisy, '--model', file('gauss'), '--json')).out) as Answer
    const judged = gauss.channels[0]!.rows[0]!.judgements[0]!
    expect(judged.bandLevel).toBe(0.95)
    expect(judged.coverage!).toBeGreaterThan(0.5)
    expect(judged.crps!).toBeLessThan(judged.mae.value!)
    await run('train', noisy, '--preset', 'bidirectional', '--out', file('both'), '--epochs', '1', '--json')
    const both = await run('evaluate', noisy, '--model', file('both'), '--json')
    expect((JSON.parse(both.out) as Answer).channels[0]!.rows[0]!.judgements[0]!.n).toBeGreaterThan(100)
  })

  test('judges every channel of a joint model', async () => {
    const pair = write('pair.csv', ['p', 'q', 'load'], (row, channel) => Math.cos(row / (10 + channel)))
    const joint = ['--as', 'asset', '--context', 'load', '--calendar', 'day', '--horizons', '2', '--epochs', '2']
    await run('train', pair, ...joint, '--out', file('pair'), '--json')
    const { out } = await run('evaluate', pair, '--model', file('pair'), '--json')
    expect((JSON.parse(out) as Answer).channels.map(({ channel }) => channel)).toEqual(['p', 'q'])
  })

  test('refuses what it cannot judge, with the way out', async () => {
    const short = write('short.csv', ['s'], (row) => row % 7)
    const bad = await run('evaluate', short, '--model', file('nowhere'))
    expect(bad.exitCode).toBe(1)
    expect(bad.err).toContain('does not exist')
    const by = await run('evaluate', short, '--model', 'base', '--by', 'guess')
    expect(by.exitCode).toBe(2)
    expect(by.err).toContain('expected stream or windows')
    const share = await run('evaluate', short, '--model', 'base', '--test', '2')
    expect(share.exitCode).toBe(2)
    expect(share.err).toContain('a share from 0.01 to 0.9')
  })
})
