import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { loadModelFiles } from '../../../src/cli/model-files.ts'
import type { Model } from '../../../src/model/model.ts'
import { prepare, splitInTime } from '../../../src/train/data/prepare.ts'
import { forecastsOf } from '../../../src/train/forecasts.ts'
import { historyOf } from '../train/data/series.ts'
import { type Run, run, small } from './run-command.ts'

let folder = ''
const file = (...names: string[]): string => join(folder, ...names)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'residua-train-'))
})
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = 0
  rmSync(folder, { recursive: true, force: true })
})

const train = (input: string | readonly string[], out: string, ...more: string[]): Promise<Run> =>
  run('train', ...[input].flat(), '--out', out, ...small, '--epochs', '3', ...more)

const time = (row: number): string => new Date(Date.UTC(2024, 0, 1) + row * 60_000).toISOString()
function value(row: number, phase = 0): string {
  const noise = ((row * 7_919 + phase * 104_729) % 1_000) / 1_000
  return (20 + phase + 3 * Math.sin(row / 30 + phase) + noise).toFixed(3)
}
function csv(name: string, lines: readonly string[]): string {
  writeFileSync(file(name), `${lines.join('\n')}\n`)
  return file(name)
}
const numbers = (count: number): number[] => Array.from({ length: count }, (_, row) => row)
const single = (rows = 400, name = 'pump.csv'): string =>
  csv(name, ['timestamp,value', ...numbers(rows).map((row) => `${time(row)},${value(row)}`)])
const wide = (rows = 400): string =>
  csv('machine.csv', [
    'timestamp,a,b,load',
    ...numbers(rows).map((row) => [time(row), value(row), value(row, 1), value(row, 2)].join()),
  ])

const weights = (...dir: string[]): Buffer => readFileSync(file(...dir, 'weights.safetensors'))

describe('residua train', () => {
  test('leaves a model with its card, its curves and its plan, and nothing of the way there', async () => {
    const { exitCode, out, err } = await train(single(), file('model'))
    expect({ exitCode, err }).toEqual({ exitCode: 0, err: '' })
    expect(readdirSync(file('model')).sort()).toEqual([
      'forecast.svg',
      'loss.svg',
      'losses.csv',
      'model.json',
      'plan.json',
      'residuals.svg',
      'training.html',
      'weights.safetensors',
    ])
    expect(out).toMatch(/read 400 readings: 400 rows of 1 channel to learn from\n/)
    expect(out).toMatch(/pump: mean error [\d.]+, last value [\d.]+/)
    const { card, scaler, periodMs } = loadModelFiles(file('model'))
    expect(card).toMatchObject({ seed: 1, epochs: 3 })
    expect(card!.data).toMatch(/400 rows of pump; SHA-256 [0-9a-f]{64}/)
    expect([...scaler!.scales.keys()]).toEqual(['pump'])
    expect(periodMs).toBe(60_000)
  })

  test('the same seed gives the same bytes of weights, another seed others', async () => {
    const input = single()
    await train(input, file('a'), '--set', 'fit.batch=16')
    await train(input, file('b'), '--set', 'fit.batch=16')
    await train(input, file('c'), '--set', 'fit.batch=16', '--seed', '2')
    expect(weights('b').equals(weights('a'))).toBe(true)
    expect(weights('c').equals(weights('a'))).toBe(false)
  })

  test('what the test part holds changes no bit of the weights', async () => {
    const head = 'timestamp,value'
    const rows = numbers(400).map((row) => `${time(row)},${value(row)}`)
    const other = numbers(400).map((row) => `${time(row)},${row < 340 ? value(row) : value(row * 3, 4)}`)
    await train(csv('one.csv', [head, ...rows]), file('a'))
    await train(csv('two.csv', [head, ...other]), file('b'))
    expect(weights('b').equals(weights('a'))).toBe(true)
  })

  test('what comes behind a fold changes nothing of it, neither its limit of the absurd nor its steps', async () => {
    const rows = numbers(400).map((row) => `${time(row)},${row === 50 ? 900 : value(row)}`)
    const wild = rows.map((line, row) => (row < 240 ? line : `${time(240 + 5 * (row - 240))},${300 * Math.sin(row)}`))
    const folds = async (lines: readonly string[], name: string): Promise<unknown> => {
      const { out } = await train(csv('pump.csv', ['timestamp,value', ...lines]), file(name), '--folds', '4', '--json')
      return (JSON.parse(out) as { models: { folds: unknown[] }[] }).models[0]!.folds[0]
    }
    expect(await folds(wild, 'wild')).toEqual(await folds(rows, 'calm'))
  })

  test('--json is one object; --plan is read from YAML and --set goes before it', async () => {
    writeFileSync(
      file('plan.yaml'),
      'data: { window: 16, horizons: 1 }\nfit: { epochs: 2, optimizer: { kind: sgd } }\n',
    )
    const { out } = await run(
      'train',
      single(),
      '--out',
      file('m'),
      '--plan',
      file('plan.yaml'),
      '--set',
      'fit.epochs=1',
      '--json',
    )
    const summary = JSON.parse(out) as { models: { history: unknown[] }[] }
    expect(summary.models[0]!.history).toHaveLength(1)
    const plan = JSON.parse(readFileSync(file('m', 'plan.json'), 'utf8')) as { fit: { optimizer: object } }
    expect(plan.fit.optimizer).toEqual({ kind: 'sgd', momentum: 0.9, nesterov: false, decay: 0 })
  })

  test.each([
    ['gaussian', 'Gaussian'],
    ['quantile', 'Quantile'],
  ])('--loss %s gives the network its head, and the model scores', async (loss, type) => {
    expect(await train(single(), file('m'), '--loss', loss, '--epochs', '20')).toMatchObject({ exitCode: 0 })
    expect(loadModelFiles(file('m')).architecture.modules.at(-1)!.type).toBe(type)
    const jump = numbers(900).map((row) => `${time(row)},${Number(value(row)) + (row >= 800 ? 15 : 0)}`)
    const replayed = csv('pump.csv', ['timestamp,value', ...jump])
    expect(await run('replay', replayed, '--model', file('m'), '--out', file('scores.csv'))).toMatchObject({
      exitCode: 0,
    })
    const [, ...rows] = readFileSync(file('scores.csv'), 'utf8').trimEnd().split('\n')
    const scored = rows
      .map((row) => row.split(','))
      .map(([, , v, expected, lower, upper, , score, alarm]) => ({
        error: Math.abs(Number(v) - Number(expected)),
        isInside: Number(v) >= Number(lower) && Number(v) <= Number(upper),
        score: Number(score),
        alarm: Number(alarm),
      }))
    const calm = scored.slice(500, 800)
    expect(calm.reduce((sum, { error }) => sum + error, 0) / calm.length).toBeLessThan(1)
    expect(calm.filter(({ isInside }) => isInside).length).toBeGreaterThan(270)
    expect(Math.max(...calm.map(({ score }) => score))).toBeLessThan(0.5)
    expect(scored[810]!.score).toBeGreaterThan(0.9)
    expect(scored[810]!.alarm).toBe(1)
  })

  test('refuses wrong options with their paths, and a model that is there without --force', async () => {
    const input = single()
    const wrong = await train(input, file('m'), '--set', 'fit.rat=1', '--scaler', 'zscore')
    expect(wrong.exitCode).toBe(2)
    expect(wrong.err).toMatch(/fit\.rat\b/)
    expect(wrong.err).toMatch(/data\.scaler/)
    expect(existsSync(file('m'))).toBe(false)
    await train(input, file('m'))
    const again = await train(input, file('m'), '--seed', '2')
    expect(again).toMatchObject({ exitCode: 2, out: '' })
    expect(again.err).toMatch(/--force/)
    expect(await train(input, file('m'), '--seed', '2', '--force')).toMatchObject({ exitCode: 0 })
  })

  test('a directory that cannot be written is found out before the training', async () => {
    writeFileSync(file('taken'), '')
    const { exitCode, err } = await train(single(), file('taken'), '--epochs', '1000000')
    expect(exitCode).toBe(1)
    expect(err).toMatch(/taken.*cannot be written/)
  })
})

/** Awaits a condition, looked at whenever the training lets others have their turn. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}
const saved = (path: string): string => (existsSync(path) ? readFileSync(path).toString('latin1') : '')
const epochsOf = (path: string): number => saved(path).match(/validation/g)?.length ?? 0

describe('a training that is stopped', () => {
  const long = ['--set', 'fit.epochs=150', '--set', 'fit.patience=0', '--set', 'fit.batch=4']
  const dir = (name: string): string => file(name, 'model')

  test('by Ctrl-C leaves the best so far with exit code 130, and --resume ends with the bytes of one undisturbed', async () => {
    const input = single()
    await train(input, dir('calm'), ...long)
    const running = train(input, dir('stopped'), ...long)
    await until(() => epochsOf(join(dir('stopped'), 'training.state')) > 1)
    process.emit('SIGINT', 'SIGINT')
    const stopped = await running
    expect(stopped.exitCode).toBe(130)
    expect(stopped.out).toMatch(/best weights so far are written; --resume goes on/)
    expect(loadModelFiles(dir('stopped')).card!.epochs).toBeLessThan(150)
    expect(await train(input, dir('stopped'), ...long, '--resume')).toMatchObject({ exitCode: 0 })
    expect(weights('stopped', 'model').equals(weights('calm', 'model'))).toBe(true)
    expect(existsSync(join(dir('stopped'), 'training.state'))).toBe(false)
  })

  test('by a kill goes on from the files it left, also from within its first epoch; half a state is a clear error', async () => {
    const input = single()
    const running = train(input, dir('calm'), ...long)
    const state = (name: string): string => join(dir(name), 'training.state')
    // What is on the disk at a moment is what a kill at that moment leaves.
    await until(() => existsSync(state('calm')))
    cpSync(dir('calm'), dir('early'), { recursive: true })
    await until(() => epochsOf(state('calm')) > 3)
    cpSync(dir('calm'), dir('killed'), { recursive: true })
    await running
    for (const name of ['early', 'killed']) {
      expect(existsSync(join(dir(name), 'model.json'))).toBe(false)
      writeFileSync(file('half'), readFileSync(state(name)).subarray(0, 700))
      expect(await train(input, dir(name), ...long, '--resume')).toMatchObject({ exitCode: 0 })
      expect(weights(name, 'model').equals(weights('calm', 'model'))).toBe(true)
    }
    mkdirSync(dir('cut'), { recursive: true })
    cpSync(file('half'), state('cut'))
    const cut = await train(input, dir('cut'), ...long, '--resume')
    expect(cut.exitCode).toBe(1)
    expect(cut.err).toMatch(/training\.state/)
  })

  test('--resume without anything to resume says so', async () => {
    const { exitCode, err } = await train(single(), dir('none'), '--resume')
    expect(exitCode).toBe(2)
    expect(err).toMatch(/no unfinished training/)
  })
})

describe('dirty data', () => {
  test('are trained on without the dirt, and the summary says what was left out', async () => {
    // Bad are the five that say so, the empty cell and the text.
    const lines = numbers(600).map((row) => {
      const at = time(row < 300 ? row : row + 500)
      if (row === 50) return `${at},,good`
      if (row === 60) return `${at},oops,good`
      if (row === 70) return `${at},1000000000,good`
      if (row >= 80 && row < 85) return `${at},${value(row)},bad`
      return `${at},${value(row)},good`
    })
    lines.splice(200, 0, lines[199]!)
    const [moved] = lines.splice(120, 1)
    lines.splice(140, 0, moved!)
    const rows = lines.map((line) => line.replace(',', ',pump,'))
    const { exitCode, out } = await train(csv('dirty.csv', ['timestamp,sensor,value,quality', ...rows]), file('m'))
    expect(exitCode).toBe(0)
    for (const word of [/7 bad/, /1 duplicate/, /1 late/, /1 absurd/]) expect(out).toMatch(word)
    expect(loadModelFiles(file('m')).scaler!.scales.get('pump')!.scale).toBeLessThan(5)
  })

  test('one row is too few and says how many there must be', async () => {
    const { exitCode, err } = await train(single(1), file('m'))
    expect(exitCode).toBe(1)
    expect(err).toMatch(/pump/)
    expect(existsSync(file('m'))).toBe(false)
  })

  test('a constant sensor trains', async () => {
    const input = csv('flat.csv', ['timestamp,value', ...numbers(400).map((row) => `${time(row)},7`)])
    expect(await train(input, file('m'))).toMatchObject({ exitCode: 0 })
  })
})

describe('many channels', () => {
  test('--as asset is one network of all channels, context and calendar', async () => {
    const args = ['--as', 'asset', '--asset', 'press', '--context', 'load', '--calendar', 'day,week']
    expect(await train(wide(), file('m'), ...args)).toMatchObject({ exitCode: 0, err: '' })
    const { forecast, scaler, tensors } = loadModelFiles(file('m'))
    expect(forecast).toMatchObject({ channels: ['a', 'b'], context: ['load'], calendar: ['day', 'week'] })
    expect([...scaler!.scales.keys()]).toEqual(['a', 'b', 'load'])
    expect(tensors.get('gru.weight_ih_l0')!.shape).toEqual([12, 7])
    expect(tensors.get('head.weight')!.shape).toEqual([4, 4])
  })

  test('--shared is one network for the sensors of two files; without it there is one each', async () => {
    const inputs = [single(400, 'one.csv'), single(300, 'two.csv')]
    expect(await train(inputs, file('shared'), '--shared')).toMatchObject({ exitCode: 0 })
    expect([...loadModelFiles(file('shared')).scaler!.scales.keys()].sort()).toEqual(['one', 'two'])
    expect(await train(inputs, file('each'))).toMatchObject({ exitCode: 0 })
    for (const name of ['one', 'two']) expect(loadModelFiles(file('each', name)).name).toBe(name)
  })

  test('stopped in the first of two, the list names no model that is not there, and --resume makes the rest', async () => {
    const inputs = [single(400, 'one.csv'), single(400, 'two.csv')]
    // Long enough that a busy machine sees the first of them while it trains.
    const slow = ['--set', 'fit.epochs=400', '--set', 'fit.patience=0', '--set', 'fit.batch=4']
    const running = train(inputs, file('m'), ...slow)
    await until(() => existsSync(file('m', 'one', 'training.state')))
    process.emit('SIGINT', 'SIGINT')
    expect((await running).exitCode).toBe(130)
    const models = (): unknown =>
      (JSON.parse(readFileSync(file('m', 'model.json'), 'utf8')) as { models: object }).models
    expect(models()).toEqual({ one: 'one' })
    const rest = await train(inputs, file('m'), ...slow, '--resume')
    expect(rest.exitCode).toBe(0)
    expect(models()).toEqual({ one: 'one', two: 'two' })
    expect(loadModelFiles(file('m', 'one')).card!.epochs).toBeGreaterThan(1)
  })
})

/** What the stream of a model says of each row one row before, by the way of evaluation. */
function evaluated(model: Model, rows: readonly (readonly string[])[]): number[] {
  const column = Float64Array.from(rows, (row) => Number(row[2]))
  const timeMs = Float64Array.from(rows, (row) => Date.parse(row[0]!))
  const history = historyOf([column], { name: 'pump', channels: ['pump'], timeMs })
  const { calendar = [], inputClip } = model.forecast!
  const options = { scaler: 'standard', calendar, inputClip } as const
  const split = splitInTime([history], { validation: 0, test: 0 })[0]!
  const prepared = prepare(history, split, options, model.scaler!.scales)
  const { expected } = forecastsOf(model, prepared, { by: 'stream', window: 1 })
  const outputs = expected.length / rows.length
  return rows.map((_, row) => (row === 0 ? Number.NaN : expected[(row - 1) * outputs]!))
}

describe('what a training gives', () => {
  test.each([
    ['changes', []],
    ['levels', ['--set', 'data.target=level']],
    ['changes with a calendar', ['--calendar', 'hour,day']],
  ])(
    'a model of %s expects live what evaluation says of it: training and scoring are one evaluator',
    async (_, more) => {
      const input = single(900)
      expect(await train(input, file('m'), ...more)).toMatchObject({ exitCode: 0 })
      const replayed = await run('replay', input, '--model', file('m'), '--out', file('scores.csv'))
      expect(replayed.exitCode).toBe(0)
      const rows = readFileSync(file('scores.csv'), 'utf8')
        .trimEnd()
        .split('\n')
        .slice(1)
        .map((line) => line.split(','))
      const model = loadModelFiles(file('m'))
      const said = evaluated(model, rows)
      const scored = [...rows.keys()].filter((row) => rows[row]![9] === 'good' && row >= 500)
      expect(scored.length).toBeGreaterThan(300)
      // Live, the network sees its first reading some rows later; that is forgotten, but for roundings of float32.
      const most = Math.max(...scored.map((row) => Math.abs(said[row]! - Number(rows[row]![3]))))
      expect(most).toBeLessThan(1e-5 * model.scaler!.scales.get('pump')!.scale)
    },
  )

  test('--from base --freeze gru changes the head and no bit of the frozen tensors', async () => {
    const args = ['--from', 'base', '--freeze', 'gru', '--window', '32', '--epochs', '1', '--out', file('m')]
    expect(await run('train', single(), ...args)).toMatchObject({ exitCode: 0 })
    const [base, tuned] = [loadModelFiles('base'), loadModelFiles(file('m'))]
    expect(tuned.card!.from).toBe(`base-${base.fingerprint}`)
    for (const [name, { data }] of base.tensors) {
      const same = Buffer.from(tuned.tensors.get(name)!.data.buffer).equals(Buffer.from(new Float32Array(data).buffer))
      expect([name, same]).toEqual([name, name.startsWith('gru')])
    }
  })

  test('a bidirectional network trains, and replay says why it cannot run live', async () => {
    const input = single()
    const args = ['--preset', 'bidirectional', '--window', '12', '--epochs', '1', '--out', file('m')]
    expect(await run('train', input, ...args)).toMatchObject({ exitCode: 0 })
    const { exitCode, err } = await run('replay', input, '--model', file('m'))
    expect(exitCode).toBe(1)
    expect(err).toMatch(/bidirectional|future|whole window/)
  })
})
