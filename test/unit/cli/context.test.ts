import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { writeModelFiles } from '../../../src/cli/model-directory.ts'
import { loadModelFiles } from '../../../src/cli/model-files.ts'
import { createModel } from '../../../src/model/model.ts'
import { switchingPlant } from '../train/linear/switching-plant.ts'
import { run } from './run-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'residua-context-'))
const file = (...names: string[]): string => join(folder, ...names)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A plant as CSV; the valve stands still. */
function csv(name: string, rows: number, seed: number, columns: readonly string[]): string {
  const { values } = switchingPlant(rows, seed)
  const lines = Array.from({ length: rows }, (_, row) => {
    const of: Record<string, number> = { valve: 7 }
    for (const [at, column] of ['vessel', 'heater', 'fan'].entries()) of[column] = values[row * 3 + at]!
    return [new Date(Date.UTC(2024, 0, 1) + row * 60_000).toISOString(), ...columns.map((column) => of[column])].join()
  })
  writeFileSync(file(name), `${['timestamp', ...columns].join()}\n${lines.join('\n')}\n`)
  return file(name)
}

let trained: Awaited<ReturnType<typeof run>>
beforeAll(async () => {
  const input = csv('past.csv', 1_000, 1, ['vessel', 'heater', 'fan', 'valve'])
  const short = ['--preset', 'telemetry', '--set', 'fit.steps=40']
  trained = await run('train', input, '--context', 'heater,fan,valve', ...short, '--out', file('vessel'))
})

describe('columns that explain the others', () => {
  test('are read by a training, which prints what linear model, network and gate come to, and leaves out what never changes', () => {
    expect(trained.exitCode, trained.err).toBe(0)
    expect(trained.out).toMatch(/ridge on 20 lags, context heater, fan; mean errors on 250 held-back rows:/)
    expect(trained.out).toMatch(/steps ahead {2}last value {2}linear {2}linear \+ network {2}gate/)
    expect(trained.out).toMatch(/\n {2}The (network|linear model) /)
    const { forecast, linear, calibrations } = loadModelFiles(file('vessel'))
    expect(forecast).toMatchObject({ target: 'level', context: ['heater', 'fan'], contextMaxAgeMs: 180_000 })
    expect(linear).toMatchObject({ lags: 20, contextLags: [1, 2, 4], context: 2 })
    expect([...calibrations.keys()]).toEqual(['vessel'])
    expect(readFileSync(file('vessel', 'training.html'), 'utf8')).toContain('Mean error on 250 held-back rows')
  })

  test('are in a model that is the same when it is read back, also where sensors have numbers for names', () => {
    const model = loadModelFiles(file('vessel'))
    const calibration = model.calibrations.get('vessel')!
    const calibrations = new Map(['10', '2'].map((sensor) => [sensor, calibration]))
    const numbered = createModel('numbered', model.architecture, model.tensors, { ...model, calibrations })
    writeModelFiles(file('numbered'), numbered)
    expect(loadModelFiles(file('numbered')).fingerprint).toBe(numbered.fingerprint)
  })

  test('are inputs of a replay and never scored; their place in the file changes no byte of what it writes', async () => {
    const first = csv('first.csv', 400, 2, ['heater', 'fan', 'vessel'])
    const last = csv('last.csv', 400, 2, ['vessel', 'fan', 'heater'])
    for (const input of [first, last]) {
      const out = await run(
        'replay',
        input,
        '--model',
        file('vessel'),
        '--context',
        'heater,fan',
        '--out',
        `${input}.scores.csv`,
      )
      expect(out.exitCode, out.err).toBe(0)
      expect(out.out).toMatch(/rows {8}400 of 1 sensor\n {2}context {5}2 columns\n {2}scored {6}400\n/)
    }
    const scores = readFileSync(`${first}.scores.csv`, 'utf8')
    expect(scores.trim().split('\n')).toHaveLength(401)
    expect(readFileSync(`${last}.scores.csv`, 'utf8')).toBe(scores)
  })

  test('that are missing are told: a name that no file has at once, a column that is not there in the summary', async () => {
    const input = csv('without.csv', 300, 3, ['heater', 'vessel'])
    const wrong = await run('replay', input, '--model', file('vessel'), '--context', 'heater,fann')
    expect(wrong.exitCode).toBe(2)
    expect(wrong.err).toMatch(/--context.*fann.*no file has this column; there are timestamp, heater, vessel/s)
    const without = await run('replay', input, '--model', file('vessel'))
    expect(without.out).toMatch(/context {5}1 column; missing or too old for 299 readings/)
  })

  test('go with the linear part into an export, and come back with it', async () => {
    expect(
      (await run('models', 'export', file('vessel'), '--format', 'safetensors', '--out', file('export'))).exitCode,
    ).toBe(0)
    const { scaler } = JSON.parse(readFileSync(file('vessel', 'model.json'), 'utf8'))
    writeFileSync(file('scaler.json'), JSON.stringify(scaler))
    const source = [file('export', 'weights.safetensors'), '--architecture', file('export', 'architecture.json')]
    const about = ['--scaler', file('scaler.json'), '--period', '1m', '--linear', file('export', 'linear.json')]
    const back = await run('models', 'import', ...source, ...about, '--out', file('back'))
    expect(back.exitCode, back.err).toBe(0)
    const [before, after] = [loadModelFiles(file('vessel')), loadModelFiles(file('back'))]
    expect(after.linear).toEqual(before.linear)
    expect(after.forecast).toEqual(before.forecast)
    expect([...after.tensors]).toEqual([...before.tensors])
  })
})
