import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { OperatingError } from '../../../../src/base/errors.ts'
import { writeModelFiles } from '../../../../src/cli/model-directory.ts'
import { loadPipelineModels } from '../../../../src/cli/model-set.ts'
import { Registry } from '../../../../src/cli/registry/registry.ts'
import { RegistryRefusal } from '../../../../src/cli/registry/registry-refusal.ts'
import { createModel } from '../../../../src/model/model.ts'
import { card, smallModel, writeSmallModel, writeSmallSet } from './small-models.ts'

let folder = ''
let registry: Registry
const who = { by: 'eve', reason: 'why not' }
const at = (...parts: string[]): string => join(folder, ...parts)
const home = (...parts: string[]): string => at('models', 'pump', ...parts)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'residua-registry-'))
  registry = new Registry(at('models'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Registers models with these seeds as versions 1, 2, … of pump. */
function addVersions(...seeds: number[]): void {
  for (const seed of seeds) registry.add('pump', writeSmallModel(at(`m${seed}`), seed), who)
}

function refusal(work: () => unknown): RegistryRefusal {
  try {
    work()
  } catch (error) {
    expect(error).toBeInstanceOf(RegistryRefusal)
    return error as RegistryRefusal
  }
  throw new Error('nothing was refused')
}

describe('adding', () => {
  test('copies model and report, takes lineage, data and figures from the card, and leaves nothing else', () => {
    const dir = writeSmallModel(at('m'), 1)
    for (const name of ['loss.svg', 'training.state', 'notes.txt']) writeFileSync(join(dir, name), name)
    const added = registry.add('pump', dir, who)
    rmSync(dir, { recursive: true })
    expect(added).toMatchObject({ version: 1, addedBy: 'eve', sensors: 0, parent: card.from, data: card.trainedOn })
    expect(added.metrics).toEqual({ 'loss.train': 0.5, testRows: 20, relativeError: 0.8 })
    expect(added.fingerprint).toBe(smallModel(1).fingerprint)
    expect(readdirSync(added.dir).sort()).toEqual(['loss.svg', 'model.json', 'weights.safetensors'])
    expect(readdirSync(home()).sort()).toEqual(['audit.ndjson', 'registry.json', 'v1'])
    expect(loadPipelineModels(added.dir).model.fingerprint).toBe(added.fingerprint)
    expect(registry.read('pump')).toMatchObject({ live: null, shadow: null, history: [], revision: 1 })
  })

  test('the same weights again are the version that is there; others are the next one', () => {
    addVersions(1, 2)
    expect(registry.add('pump', at('m1'), who).version).toBe(1)
    expect(registry.read('pump')!.versions.map(({ version }) => version)).toEqual([1, 2])
    expect(registry.audit('pump')).toHaveLength(2)
    expect(readdirSync(home()).sort()).toEqual(['audit.ndjson', 'registry.json', 'v1', 'v2'])
  })

  test('a directory with a model a sensor is one version, its data together', () => {
    const added = registry.add('hall', writeSmallSet(at('set'), ['a/b', 'c.d']), who)
    expect(added).toMatchObject({
      sensors: 2,
      data: { rows: 200, fromMs: 1_000, toMs: 9_001, channels: ['a/b', 'c.d'] },
    })
    expect(added.metrics).toEqual({ testRows: 40, relativeError: 0.8 })
    expect([...loadPipelineModels(added.dir).own.keys()]).toEqual(['a/b', 'c.d'])
    expect(registry.add('hall', at('set'), who).version).toBe(1)
    appendFileSync(join(added.dir, 'c%2Ed', 'weights.safetensors'), 'x')
    expect(() => registry.promote('hall', 1, who)).toThrow(/hall@1: .*c%2Ed.*SHA-256/)
  })

  test('a set whose folders lead out of it is refused', () => {
    writeSmallModel(at('outside'), 1)
    mkdirSync(at('set'))
    writeFileSync(at('set', 'model.json'), JSON.stringify({ format: 1, kind: 'set', models: { a: '../outside' } }))
    expect(() => registry.add('hall', at('set'), who)).toThrow(/"a" lies outside/)
    expect(existsSync(at('models', 'hall', 'registry.json'))).toBe(false)
  })

  test.each([['../x'], [''], ['a/b'], ['a@1'], ['.hidden'], ['end.'], ['x'.repeat(65)], ['base']])(
    'the name "%s" is refused',
    (name) => {
      const dir = writeSmallModel(at('m'), 1)
      expect(refusal(() => registry.add(name, dir, who)).kind).toBe('invalid')
      expect(registry.read(name)).toBeNull()
      expect(existsSync(at('models'))).toBe(false)
    },
  )

  test('what is no model, is cut, or forecasts nothing is refused and leaves no name', () => {
    mkdirSync(at('empty'))
    expect(() => registry.add('pump', at('empty'), who)).toThrow(/no model directory/)
    const { name, architecture, tensors } = smallModel(1)
    writeModelFiles(at('mute'), createModel(name, architecture, tensors))
    expect(() => registry.add('pump', at('mute'), who)).toThrow(/forecasts nothing/)
    truncateSync(join(writeSmallModel(at('cut'), 1), 'weights.safetensors'), 100)
    expect(() => registry.add('pump', at('cut'), who)).toThrow(OperatingError)
    expect(registry.list()).toEqual([])
  })

  test.skipIf(process.getuid?.() === undefined)('a root that cannot be made is a clear error', () => {
    writeFileSync(at('file'), '')
    const dir = writeSmallModel(at('m'), 1)
    expect(() => new Registry(at('file')).add('pump', dir, who)).toThrow(
      /file.pump cannot be written \(ENOTDIR.*: a file is where a directory is needed/,
    )
  })
})

describe('promotion, shadow and rollback', () => {
  test('history is what was live before; a rollback goes back through it', () => {
    addVersions(1, 2, 3)
    for (const version of [1, 2, 3]) registry.promote('pump', version, who)
    expect(registry.read('pump')).toMatchObject({ live: 3, history: [1, 2] })
    expect(registry.rollback('pump', who)).toMatchObject({ live: 2, history: [1] })
    expect(registry.rollback('pump', who)).toMatchObject({ live: 1, history: [] })
    expect(refusal(() => registry.rollback('pump', who)).message).toMatch(/no other version was live before pump@1/)
  })

  test('a rollback to a version goes to the last time that it was live, and refuses one that never was', () => {
    addVersions(1, 2, 3, 4)
    for (const version of [1, 2, 3]) registry.promote('pump', version, who)
    expect(refusal(() => registry.rollback('pump', who, 4)).message).toMatch(
      /pump@4 was not live before \(pump@1, pump@2/,
    )
    expect(refusal(() => registry.rollback('pump', who, 3)).message).toMatch(/pump@3 is live already/)
    expect(registry.rollback('pump', who, 1)).toMatchObject({ live: 1, history: [] })
  })

  test('a shadow that becomes live is no shadow; the live one cannot be its own shadow', () => {
    addVersions(1, 2)
    registry.promote('pump', 1, who)
    expect(refusal(() => registry.shadow('pump', 1, who)).kind).toBe('conflict')
    expect(registry.shadow('pump', 2, who)).toMatchObject({ live: 1, shadow: 2 })
    expect(registry.promote('pump', 2, who)).toMatchObject({ live: 2, shadow: null })
    registry.shadow('pump', 1, who)
    expect(registry.rollback('pump', who)).toMatchObject({ live: 1, shadow: null })
    registry.shadow('pump', 2, who)
    expect(registry.shadow('pump', null, who).shadow).toBeNull()
  })

  test('what changes nothing is no change', () => {
    addVersions(1)
    const { revision } = registry.promote('pump', 1, who)
    expect(registry.promote('pump', 1, who).revision).toBe(revision)
    expect(registry.shadow('pump', null, who).revision).toBe(revision)
    expect(registry.audit('pump')).toHaveLength(2)
  })

  test('unknown names and versions are refused with what there is', () => {
    addVersions(1)
    expect(refusal(() => registry.promote('pmup', 1, who)).message).toMatch(/did you mean pump\?/)
    expect(refusal(() => registry.promote('pump', 7, who)).message).toMatch(/no version 7; there are 1/)
    expect(refusal(() => registry.rollback('pump', who)).message).toMatch(/no version of it is live/)
    expect(refusal(() => registry.audit('../m1')).kind).toBe('unknown')
  })

  test('a version whose files were changed, cut or taken away is refused by name and file', () => {
    addVersions(1, 2)
    const { dir } = registry.version('pump', 1)
    cpSync(dir, at('kept'), { recursive: true })
    const weights = join(dir, 'weights.safetensors')
    const damages = [
      () => truncateSync(weights, 200),
      () => rmSync(weights),
      () => appendFileSync(join(dir, 'model.json'), ' '),
    ]
    for (const damage of damages) {
      damage()
      const message = /pump@1: .*(weights\.safetensors|model\.json) .*put the file back/
      expect(() => registry.promote('pump', 1, who)).toThrow(message)
      expect(() => registry.shadow('pump', 1, who)).toThrow(message)
      cpSync(at('kept'), dir, { recursive: true })
    }
    expect(registry.promote('pump', 1, who).live).toBe(1)
    registry.promote('pump', 2, who)
    rmSync(weights)
    expect(() => registry.rollback('pump', who)).toThrow(/pump@1/)
    expect(registry.read('pump')).toMatchObject({ live: 2, history: [1] })
  })
})

describe('the audit log', () => {
  test('has every change in order, with who, when, why and what was before', () => {
    addVersions(1, 2)
    registry.promote('pump', 1, { by: 'ann', reason: 'first' })
    registry.shadow('pump', 2, who)
    registry.promote('pump', 2, who)
    registry.rollback('pump', { by: 'bob', reason: 'worse' })
    const said = registry.audit('pump').map(({ action, version, from, by }) => [action, version, from, by])
    expect(said).toEqual([
      ['add', 1, null, 'eve'],
      ['add', 2, null, 'eve'],
      ['promote', 1, null, 'ann'],
      ['shadow', 2, null, 'eve'],
      ['promote', 2, 1, 'eve'],
      ['rollback', 1, 2, 'bob'],
    ])
    const lines = readFileSync(home('audit.ndjson'), 'utf8').trimEnd().split('\n')
    const last = JSON.parse(lines.at(-1)!) as { at: string; reason: string; model: string }
    expect(last).toMatchObject({ reason: 'worse', model: 'pump' })
    expect(new Date(last.at).toISOString()).toBe(last.at)
  })

  test('a crash before the entry, or within it, loses nothing and repeats nothing', () => {
    addVersions(1, 2)
    registry.promote('pump', 1, who)
    const whole = readFileSync(home('audit.ndjson'), 'utf8')
    const lines = whole.trimEnd().split('\n')
    for (const left of [`${lines.slice(0, 2).join('\n')}\n`, whole.slice(0, -30)]) {
      writeFileSync(home('audit.ndjson'), left)
      expect(registry.audit('pump').map(({ revision }) => revision)).toEqual([1, 2, 3])
    }
    registry.promote('pump', 2, who)
    expect(readFileSync(home('audit.ndjson'), 'utf8').startsWith(whole)).toBe(true)
    expect(registry.audit('pump').map(({ revision }) => revision)).toEqual([1, 2, 3, 4])
  })
})

describe('crashes and neighbours', () => {
  test('a copy that never got its number is not seen and is no obstacle; an old one is cleared away', () => {
    addVersions(1)
    cpSync(home('v1'), home('v2'), { recursive: true })
    writeFileSync(home('v2', 'left.txt'), 'of a process that died')
    for (const name of ['adding-old', 'adding-new']) mkdirSync(home(name))
    const long = new Date(Date.now() - 7_200_000)
    utimesSync(home('adding-old'), long, long)
    expect(registry.read('pump')!.versions).toHaveLength(1)
    expect(refusal(() => registry.promote('pump', 2, who)).message).toMatch(/there are 1/)
    expect(registry.add('pump', writeSmallModel(at('m2'), 2), who).version).toBe(2)
    expect(readdirSync(home('v2')).sort()).toEqual(['model.json', 'weights.safetensors'])
    expect(existsSync(home('adding-old'))).toBe(false)
    expect(existsSync(home('adding-new'))).toBe(true)
  })

  test('a damaged record is named, and says nothing of other models', () => {
    addVersions(1)
    registry.add('other', at('m1'), who)
    truncateSync(home('registry.json'), 50)
    expect(() => registry.read('pump')).toThrow(/registry\.json is damaged/)
    expect(registry.read('other')!.versions).toHaveLength(1)
  })

  test('the revision is told without reading while nothing changes, and follows another process', () => {
    expect(registry.revision('pump')).toBeNull()
    addVersions(1)
    expect(registry.revision('pump')).toBe(1)
    const other = new Registry(at('models'))
    other.promote('pump', 1, who)
    expect(registry.revision('pump')).toBe(2)
    renameSync(home('registry.json'), home('away.json'))
    expect(registry.revision('pump')).toBeNull()
  })
})
