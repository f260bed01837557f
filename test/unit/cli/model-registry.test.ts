import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { runProgram } from '../../../src/cli/program.ts'
import { writeComparison } from '../../../src/cli/registry/comparison.ts'
import { Registry } from '../../../src/cli/registry/registry.ts'
import { smallModel, writeSmallModel } from './registry/small-models.ts'

let folder = ''
let said = { out: '', error: '' }
const at = (...parts: string[]): string => join(folder, ...parts)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'residua-commands-'))
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said.out += String(text)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said.error += String(text)
    return true
  })
  vi.stubEnv('RESIDUA_MODELS', at('models'))
})

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  process.exitCode = 0
  rmSync(folder, { recursive: true, force: true })
})

async function models(...args: string[]): Promise<{ exitCode: number; out: string; error: string }> {
  said = { out: '', error: '' }
  const exitCode = await runProgram(['models', ...args])
  return { exitCode, ...said }
}

const done = async (...args: string[]): Promise<string> => {
  const { exitCode, out, error } = await models(...args)
  expect(error).toBe('')
  expect(exitCode).toBe(0)
  return out
}

const refused = async (...args: string[]): Promise<string> => {
  const { exitCode, out, error } = await models(...args)
  expect(out).toBe('')
  expect(exitCode).toBe(2)
  return error
}

const state = (): unknown => new Registry(at('models')).read('pump')

describe('the life of a model on the command line', () => {
  test('promote a directory, promote a shadow, roll back; each says what is so now', async () => {
    const [one, two] = [writeSmallModel(at('one'), 1), writeSmallModel(at('two'), 2)]
    const first = await done('promote', one, '--name', 'pump', '--reason', 'trained on May')
    expect(first).toBe(`${one} is registered as pump@1 (weights ${smallModel(1).fingerprint})\npump@1 is live\n`)
    expect(await done('promote', one, '--name', 'pump')).toMatch(/is pump@1 already .*\npump@1 is live already\n/)
    expect(await done('promote', two, '--name', 'pump', '--shadow')).toMatch(/pump@2 is the shadow beside pump@1\n/)
    expect(await done('promote', 'pump@2', '--by', 'ann')).toMatch(
      /pump@2 is live; before it was pump@1: .*rollback pump/,
    )
    expect(state()).toMatchObject({ live: 2, shadow: null, history: [1] })
    expect(await done('rollback', 'pump')).toBe('pump@1 is live again; pump@2 is not any more\n')
    await done('promote', 'pump@v2', '--shadow')
    expect(await done('promote', 'pump', '--no-shadow')).toBe('pump@2 is no shadow any more\n')
    expect(await done('promote', 'pump', '--no-shadow')).toBe('pump has no shadow\n')
    const audit = new Registry(at('models')).audit('pump')
    expect(audit.map(({ by }) => by)).toContain('ann')
    expect(audit[1]).toMatchObject({ action: 'promote', reason: 'trained on May', by: userInfo().username })
  })

  test('what is asked wrongly is refused with what to write instead, and changes nothing', async () => {
    const one = writeSmallModel(at('one'), 1)
    expect(await refused('promote', one)).toMatch(/is not registered yet: say under which name with --name NAME/)
    await done('promote', one, '--name', 'pump')
    const before = state()
    expect(await refused('promote', 'pump')).toMatch(/pump has versions: name one of pump@1/)
    expect(await refused('promote', 'pmup@1')).toMatch(/no model "pmup" is registered: did you mean pump\?/)
    expect(await refused('promote', 'pump@3')).toMatch(/pump has no version 3; there are 1/)
    expect(await refused('promote', 'pump@x')).toMatch(/neither NAME@VERSION nor a directory/)
    expect(await refused('promote', 'pump@1', '--shadow')).toMatch(/pump@1 is live: a shadow is compared with another/)
    expect(await refused('rollback', 'pump')).toMatch(
      /nothing to roll back to: no other version was live before pump@1/,
    )
    expect(await refused('rollback', 'pump', '--to', 'two')).toMatch(/--to takes the number of a version.*"two"/)
    expect(await refused('promote', at('nothing'), '--name', 'pump')).toMatch(/is no model directory/)
    expect(state()).toEqual(before)
  })

  test('--registry goes before RESIDUA_MODELS', async () => {
    const one = writeSmallModel(at('one'), 1)
    await done('promote', one, '--name', 'pump', '--registry', at('elsewhere'))
    expect(await done('list', '--registry', at('elsewhere'))).toMatch(/^pump +1 /m)
    expect(await done('list')).toMatch(
      /base +ships.*\n.*models has no models yet: residua models promote DIR --name NAME/,
    )
  })
})

describe('list and show', () => {
  test('versions, marks, lineage by reference, data, error and changes are told; JSON has all of it', async () => {
    await done('promote', writeSmallModel(at('one'), 1), '--name', 'pump')
    await done('promote', writeSmallModel(at('two'), 2, null), '--name', 'pump', '--shadow', '--reason', 'try it')
    expect(await done('list')).toMatch(/^pump +1 +2 +2 +2, \d{4}-\d\d-\d\d +\w{16}$/m)
    const text = await done('show', 'pump')
    expect(text).toMatch(/^2 +shadow .* – +– +–$/m)
    expect(text).toMatch(/^1 +live .* base +100 rows, 1970-01-01 to 1970-01-01 +0\.800$/m)
    expect(text).toMatch(/shadow +pump@2 +try it\n/)
    const json = JSON.parse(await done('show', 'pump', '--json')) as { audit: object[]; versions: object[] }
    expect(json).toMatchObject({ name: 'pump', live: 1, shadow: 2, comparison: null })
    expect(json.audit).toHaveLength(4)
    expect(json.versions[0]).toMatchObject({ fingerprint: smallModel(1).fingerprint, parent: 'base-83faae43693dae6b' })
    const list = JSON.parse(await done('list', '--json')) as { shipped: object[]; models: object[] }
    expect(list).toMatchObject({ shipped: [{ name: 'base' }], models: [{ name: 'pump', live: 1, shadow: 2 }] })
  })

  test('one version, a directory and base are told with their network', async () => {
    const one = writeSmallModel(at('one'), 1)
    await done('promote', one, '--name', 'pump')
    const text = await done('show', 'pump@1')
    expect(text).toMatch(/^pump@1, live\n/)
    expect(text).toMatch(/figures +loss\.train=0\.5 testRows=20 relativeError=0\.8/)
    expect(text).toMatch(/module +gru: GRU input_size=1 hidden_size=4/)
    expect(text).toMatch(/data +SHA-256 f{64}/)
    expect(await done('show', one)).toMatch(/network +1 inputs, 2 outputs/)
    expect(await done('show', 'base')).toMatch(/weights +83faae43693dae6b/)
    const { exitCode, error } = await models('show', 'pmup')
    expect(exitCode).toBe(1)
    expect(error).toMatch(/did you mean pump\?/)
  })

  test('what a running plant compared is told; a comparison that cannot be read is named', async () => {
    await done('promote', writeSmallModel(at('one'), 1), '--name', 'pump')
    const live = { meanError: 2, alarms: 3, alarmReadings: 7 }
    const shadow = { meanError: 1.5, alarms: 2, alarmReadings: 4 }
    const sensor = { readings: 1_200, live, shadow, apart: 5 }
    writeComparison(at('models', 'pump'), {
      ...{ plant: 'north', live: 1, shadow: 2, fromMs: 0, toMs: 60_000, readings: 1_200, relativeError: 0.75 },
      alarms: { live: 4, shadow: 2 },
      sensors: [{ sensor: 'north/pump', ...sensor }],
    })
    const text = await done('show', 'pump')
    expect(text).toMatch(
      /shadow 2 against live 1 in north: 1,200 readings that both scored, 1970-01-01T00:00:00.000Z to/,
    )
    expect(text).toMatch(/through that of the live one: 0\.750\n {2}alarms: live 4, shadow would have raised 2\n/)
    expect(text).toMatch(/north\/pump +1,200 +2\.000 +1\.500 +3 +2 +5\n/)
    writeFileSync(at('models', 'pump', 'comparison.json'), '{')
    const { exitCode, error } = await models('show', 'pump')
    expect(exitCode).toBe(1)
    expect(error).toMatch(/comparison\.json is no comparison/)
  })
})

describe('a registered name', () => {
  const rows = Array.from({ length: 400 }, (_, row) => `${1_700_000_000_000 + row * 60_000},${Math.sin(row / 5)}`)

  test('is trained from, replayed, exported, and in the card of what comes of it', async () => {
    writeFileSync(at('h.csv'), `timestamp,value\n${rows.join('\n')}\n`)
    await done('promote', writeSmallModel(at('one'), 1), '--name', 'pump')
    const run = async (...args: string[]): Promise<number> => {
      said = { out: '', error: '' }
      return await runProgram(args)
    }
    const options = ['--from', 'pump', '--epochs', '1', '--window', '16', '--json']
    expect(await run('train', at('h.csv'), '--out', at('tuned'), ...options), said.error).toBe(0)
    const { card } = JSON.parse(readFileSync(at('tuned', 'model.json'), 'utf8')) as { card: Record<string, unknown> }
    expect(card['from']).toBe(`small-${smallModel(1).fingerprint}`)
    const span = { fromMs: 1_700_000_000_000, toMs: 1_700_000_000_000 + 399 * 60_000 }
    expect(card['trainedOn']).toMatchObject({ rows: 400, ...span, channels: ['h'], files: [at('h.csv')] })
    expect(card['metrics']).toMatchObject({ testRows: 60, relativeError: expect.any(Number), mae: expect.any(Number) })
    await done('promote', at('tuned'), '--name', 'pump')
    expect(await done('show', 'pump')).toMatch(/^2 +live .* pump@1 +400 rows/m)
    expect(await run('replay', at('h.csv'), '--model', 'pump@1', '--json'), said.error).toBe(0)
    expect(await run('evaluate', at('h.csv'), '--model', 'pump', '--steps', '1', '--json'), said.error).toBe(0)
    expect(JSON.parse(said.out)).toMatchObject({ model: { name: 'tuned' } })
    expect(await done('export', 'pump@2', '--format', 'safetensors', '--out', at('exported'))).toMatch(/safetensors/)
  })

  test('is a model of a configuration, in the registry that the file, the option or the environment names', async () => {
    vi.stubEnv('RESIDUA_MODELS', undefined)
    await done('promote', writeSmallModel(at('one'), 1), '--name', 'pump', '--registry', at('mine'))
    const config = (more: string): string => {
      const text = `sources:\n  - { type: file, paths: [${JSON.stringify(at('h.csv'))}] }\ndefaults: { model: pump }\n${more}`
      writeFileSync(at('residua.yaml'), text)
      return at('residua.yaml')
    }
    const check = async (...args: string[]): Promise<{ exitCode: number; out: string }> => {
      said = { out: '', error: '' }
      const exitCode = await runProgram(['check', '--offline', '--json', '-c', ...args])
      return { exitCode, out: said.out }
    }
    const inFile = await check(config(`models: { path: ${JSON.stringify(at('mine'))} }\n`))
    expect(inFile.exitCode, inFile.out).toBe(0)
    expect(JSON.parse(inFile.out)).toMatchObject({ config: { models: { path: at('mine') } } })
    const elsewhere = await check(config(`models: { path: ${JSON.stringify(at('none'))} }\n`))
    expect(elsewhere.exitCode).toBe(2)
    expect(elsewhere.out).toMatch(/registered in .*none: none/)
    const byOption = await check(at('residua.yaml'), '--registry', at('mine'))
    expect(JSON.parse(byOption.out)).toMatchObject({ ok: true, config: { models: { path: at('mine') } } })
    vi.stubEnv('RESIDUA_MODELS', at('mine'))
    expect((await check(at('residua.yaml'))).exitCode).toBe(0)
  })
})
