import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { composePlant, type Plant } from '../../../src/cli/compose-plant.ts'
import { writeModelFiles } from '../../../src/cli/model-directory.ts'
import { loadModelFiles } from '../../../src/cli/model-files.ts'
import { readConfig } from '../../../src/cli/read-config.ts'
import { readComparison } from '../../../src/cli/registry/comparison.ts'
import { Registry } from '../../../src/cli/registry/registry.ts'
import { createModel } from '../../../src/model/model.ts'
import { type Log, silentLog } from '../../../src/ports/log.ts'
import type { ModelsAnswer } from '../../../src/server/model-schema.ts'
import { writeSmallModel } from './registry/small-models.ts'

const who = { by: 'ann', reason: 'better' }
const stepMs = 1_000
const startMs = 1_700_000_000_000
let folder: string
let registry: Registry
let plants: Plant[]

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'residua-plant-models-'))
  registry = new Registry(join(folder, 'models'))
  plants = []
})
afterEach(async () => {
  await Promise.all(plants.map((plant) => plant.stop()))
  rmSync(folder, { recursive: true })
})

function at(...path: string[]): string {
  return join(folder, ...path)
}

/** The base model with weaker weights: the shape of `base`, other forecasts. */
function writeTuned(dir: string, factor: number): string {
  const base = loadModelFiles('base')
  const tensors = new Map(
    [...base.tensors].map(([name, { shape, data }]) => [name, { shape, data: data.map((value) => value * factor) }]),
  )
  writeModelFiles(dir, createModel('tuned', base.architecture, tensors, { forecast: base.forecast, scaler: null }))
  return dir
}

/** A log that keeps its lines. */
function logOf(lines: string[]): Log {
  const keep = (fields: object, text: string): void => void lines.push(`${text} ${JSON.stringify(fields)}`)
  return { ...silentLog, info: keep, warn: keep, error: keep }
}

async function plantOf(model = 'pump', lines: string[] = [], state = 'type: memory'): Promise<Plant & { url: string }> {
  const file = at('plant.yaml')
  const parts = [
    'plant: north',
    `defaults: { model: ${JSON.stringify(model)} }`,
    `models: { path: ${at('models')} }`,
    'server: { port: 0 }',
    'limits: { sensors: 10 }',
    'sources: [{ type: http }]',
    `state: { ${state} }`,
  ]
  writeFileSync(file, `${parts.join('\n')}\n`)
  const plant = await composePlant(readConfig(file), { log: logOf(lines) })
  plants.push(plant)
  const { url } = await plant.start()
  return { ...plant, url }
}

async function write(url: string, from: number, to: number): Promise<void> {
  const lines = Array.from({ length: to - from }, (_, index) => {
    const row = from + index
    return `temperature,asset=fan value=${20 + Math.sin(row / 9) + 0.01 * ((row * 37) % 11)} ${startMs + row * stepMs}`
  })
  const answer = await fetch(`${url}/api/v1/write?precision=ms`, { method: 'POST', body: lines.join('\n') })
  expect(await answer.json()).toEqual({ accepted: to - from, rejected: [] })
}

async function ask(url: string): Promise<ModelsAnswer> {
  return (await fetch(`${url}/api/v1/models`)).json() as Promise<ModelsAnswer>
}

async function post(url: string, path: string, body: object): Promise<{ status: number; answer: ModelsAnswer }> {
  const answer = await fetch(`${url}/api/v1/models/${path}`, { method: 'POST', body: JSON.stringify(body) })
  return { status: answer.status, answer: (await answer.json()) as ModelsAnswer }
}

async function sensor(url: string): Promise<{ state: string; score: number; alarm: number }> {
  const { items } = (await (await fetch(`${url}/api/v1/sensors`)).json()) as { items: never[] }
  return items[0]!
}

function register(dir: string): number {
  return registry.add('pump', dir, who).version
}

describe('a running plant', () => {
  test('follows a promotion by command within a second or two, and keeps the state of one shape', async () => {
    registry.promote('pump', register(writeTuned(at('one'), 1)), who)
    const lines: string[] = []
    const { url } = await plantOf('pump', lines)
    await write(url, 0, 600)
    expect((await ask(url)).running).toMatchObject({ model: 'pump@1', shadow: null, follows: 'pump', lastChange: null })
    registry.promote('pump', register(writeTuned(at('two'), 0.95)), who)
    await expect.poll(async () => (await ask(url)).running.model, { timeout: 5_000 }).toBe('pump@2')
    const { lastChange } = (await ask(url)).running
    expect(lastChange).toMatchObject({ model: 'pump@2', kept: 1, continued: 0, warmed: 0, warming: 0 })
    expect((await sensor(url)).state).toBe('normal')
    expect(((await (await fetch(`${url}/api/v1/status`)).json()) as { model: string }).model).toBe('pump@2')
    expect(lines.join('\n')).toMatch(/the model is changed .*"from":"pump@1","to":"pump@2"/)
  })

  test('warms a model of another shape up from what it remembers, so that it scores at once', async () => {
    registry.promote('pump', register(writeTuned(at('one'), 1)), who)
    const { url } = await plantOf()
    await write(url, 0, 700)
    register(writeSmallModel(at('two'), 3))
    const { status, answer } = await post(url, 'pump/promote', { version: 2, reason: 'smaller' })
    expect(status).toBe(200)
    expect(answer.running.lastChange).toMatchObject({ kept: 0, warmed: 1, warming: 0 })
    expect((await sensor(url)).state).toBe('normal')
    await write(url, 700, 720)
    expect((await sensor(url)).score).toBeGreaterThan(0)
    const { audit } = answer.registered[0]!
    expect(audit.at(-1)).toMatchObject({ action: 'promote', version: 2, from: 1, reason: 'smaller' })
    expect(audit.at(-1)!.by).toMatch(/^somebody at 127\.0\.0\.1$/)
  })

  test('names a registered model whose record is damaged beside the others', async () => {
    registry.promote('pump', register(writeTuned(at('one'), 1)), who)
    cpSync(at('models', 'pump'), at('models', 'fan'), { recursive: true })
    writeFileSync(at('models', 'fan', 'registry.json'), '{"name":')
    const { url } = await plantOf()
    const { registered, damaged } = await ask(url)
    expect(registered.map(({ name }) => name)).toEqual(['pump'])
    expect(damaged).toEqual([expect.stringMatching(/fan.*registry\.json/)])
  })

  test('lets a shadow score beside, tells the comparison, and goes on with its state when it is promoted', async () => {
    registry.promote('pump', register(writeTuned(at('one'), 1)), who)
    registry.shadow('pump', register(writeSmallModel(at('two'), 3)), who)
    const plant = await plantOf()
    const { url } = plant
    expect((await ask(url)).running.shadow).toBe('pump@2')
    await write(url, 0, 700)
    const { comparison } = (await ask(url)).registered[0]!
    expect(comparison).toMatchObject({ plant: 'north', live: 1, shadow: 2, readings: 200 })
    expect(comparison!.to).toBe(new Date(startMs + 699 * stepMs).toISOString())
    expect(comparison!.relativeError).toBeGreaterThan(0)
    const { answer } = await post(url, 'pump/promote', { version: 2 })
    expect(answer.running).toMatchObject({ model: 'pump@2', shadow: null, lastChange: { continued: 1, warming: 0 } })
    expect(readComparison(at('models', 'pump'))).toMatchObject({ live: 1, shadow: 2, readings: 200 })
    const back = await post(url, 'pump/rollback', { reason: 'noisy' })
    expect(back.answer.running.model).toBe('pump@1')
    const shadow = await post(url, 'pump/shadow', { version: 2 })
    expect(shadow.answer.running.shadow).toBe('pump@2')
    expect((await post(url, 'pump/shadow', { version: null })).answer.running.shadow).toBeNull()
  })

  test('refuses what makes no sense with words, and changes nothing', async () => {
    registry.promote('pump', register(writeTuned(at('one'), 1)), who)
    const { url } = await plantOf()
    const refused = async (path: string, body: object): Promise<string> => {
      const { status, answer } = await post(url, path, body)
      const { error } = answer as unknown as { error: { code: string; message: string } }
      return `${status} ${error.code} ${error.message}`
    }
    expect(await refused('pump/promote', { version: 9 })).toMatch(/^404 not_found pump has no version 9; there are 1/)
    expect(await refused('pmup/promote', { version: 1 })).toMatch(/^404 not_found .*did you mean pump/)
    expect(await refused('pump/rollback', {})).toMatch(/^409 conflict pump has nothing to roll back to/)
    expect(await refused('pump/shadow', { version: 1 })).toMatch(/^409 conflict pump@1 is live/)
    expect(await refused('pump/promote', { version: '1' })).toMatch(/^400 bad_request version: /)
    expect((await ask(url)).running).toMatchObject({ model: 'pump@1', problem: null })
  })

  test('stays with its model when the files of a promoted one are damaged, says so, and goes on when they are mended', async () => {
    registry.promote('pump', register(writeTuned(at('one'), 1)), who)
    const lines: string[] = []
    const { url } = await plantOf('pump', lines)
    await write(url, 0, 600)
    const { dir } = registry.version('pump', register(writeTuned(at('two'), 0.95)))
    registry.promote('pump', 2, who)
    const weights = join(dir, 'weights.safetensors')
    const whole = readFileSync(weights)
    writeFileSync(weights, whole.subarray(0, 100))
    await expect.poll(async () => (await ask(url)).running.problem, { timeout: 5_000 }).toMatch(/weights\.safetensors/)
    expect((await ask(url)).running.model).toBe('pump@1')
    await write(url, 600, 610)
    writeFileSync(weights, whole)
    await expect.poll(async () => (await ask(url)).running.model, { timeout: 5_000 }).toBe('pump@2')
    expect((await ask(url)).running.problem).toBeNull()
    expect(lines.filter((line) => line.startsWith('the registry cannot be followed'))).toHaveLength(1)
  })

  test('a version that is named stays, whatever is promoted', async () => {
    registry.promote('pump', register(writeTuned(at('one'), 1)), who)
    register(writeTuned(at('two'), 0.95))
    const { url } = await plantOf('pump@1')
    const { answer } = await post(url, 'pump/promote', { version: 2 })
    expect(answer.registered[0]!.live).toBe(2)
    expect(answer.running).toMatchObject({ model: 'pump@1', follows: null })
  })
})

describe('a start', () => {
  const lmdb = (): string => `type: lmdb, path: ${at('state')}`

  async function ended(model = 'pump', to = 600): Promise<void> {
    const plant = await plantOf(model, [], lmdb())
    await write(plant.url, 0, to)
    await plant.stop()
    plants = []
  }

  test('goes on from the state of another version', async () => {
    registry.promote('pump', register(writeTuned(at('one'), 1)), who)
    await ended()
    registry.promote('pump', register(writeTuned(at('two'), 0.95)), who)
    const lines: string[] = []
    const { url, stop } = await plantOf('pump', lines, lmdb())
    expect((await sensor(url)).state).toBe('normal')
    expect(lines.join('\n')).toMatch(/another model goes on with the state .*"kept":1/)
    await stop()
    plants = []
    const again: string[] = []
    await plantOf('pump', again, lmdb())
    expect(again.join('\n')).not.toMatch(/another model/)
  })

  test('goes on from the state of a shadow that was promoted meanwhile', async () => {
    registry.promote('pump', register(writeTuned(at('one'), 1)), who)
    registry.shadow('pump', register(writeSmallModel(at('two'), 3)), who)
    await ended()
    registry.promote('pump', 2, who)
    const lines: string[] = []
    const { url } = await plantOf('pump', lines, lmdb())
    expect(lines.join('\n')).toMatch(/another model goes on with the state .*"continued":1/)
    expect((await sensor(url)).state).toBe('normal')
  })

  test('goes on from the state of the model that ships', async () => {
    await ended('base')
    registry.promote('pump', register(writeTuned(at('one'), 0.95)), who)
    const lines: string[] = []
    await plantOf('pump', lines, lmdb())
    expect(lines.join('\n')).toMatch(/another model goes on with the state .*"kept":1/)
  })

  test('refuses a state whose model is not to be had', async () => {
    writeTuned(at('gone'), 0.9)
    await ended(at('gone'))
    registry.promote('pump', register(writeTuned(at('one'), 0.95)), who)
    await expect(plantOf('pump', [], lmdb())).rejects.toThrow(/the state was written with model tuned-/)
  })

  test('without a shadow that can be loaded the plant runs, and says why', async () => {
    registry.promote('pump', register(writeTuned(at('one'), 1)), who)
    const { dir } = registry.version('pump', register(writeSmallModel(at('two'), 3)))
    registry.shadow('pump', 2, who)
    rmSync(join(dir, 'weights.safetensors'))
    const { url } = await plantOf()
    expect((await ask(url)).running).toMatchObject({ model: 'pump@1', shadow: null })
    expect((await ask(url)).running.problem).toMatch(/weights\.safetensors/)
    expect(existsSync(at('models', 'pump', 'comparison.json'))).toBe(false)
  })
})
