import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { loadNamedModel, loadNamedModels, resolveModel } from '../../../src/cli/named-models.ts'
import { Registry } from '../../../src/cli/registry/registry.ts'
import { smallModel, writeSmallModel, writeSmallSet } from './registry/small-models.ts'

let folder = ''
const who = { by: 'eve', reason: '' }
const at = (...parts: string[]): string => join(folder, ...parts)

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'residua-named-'))
  vi.spyOn(process, 'cwd').mockReturnValue(folder)
  const registry = new Registry(at('models'))
  for (const seed of [1, 2]) registry.add('pump', writeSmallModel(at(`m${seed}`), seed), who)
})
afterEach(() => {
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true, force: true })
})

const weights = (named: string): string => loadNamedModel(named, at('models')).fingerprint

test('NAME is the live version and moves with it, NAME@VERSION stays', () => {
  expect(() => weights('pump')).toThrow(/no version of the registered model pump is live: name a version/)
  const registry = new Registry(at('models'))
  registry.promote('pump', 1, who)
  expect(weights('pump')).toBe(smallModel(1).fingerprint)
  registry.promote('pump', 2, who)
  expect(weights('pump')).toBe(smallModel(2).fingerprint)
  for (const named of ['pump@1', 'pump@v1']) expect(weights(named)).toBe(smallModel(1).fingerprint)
  const expected = { kind: 'registered', name: 'pump', version: 2, path: at('models', 'pump', 'v2') }
  expect(resolveModel('pump', at('models'))).toEqual({ ...expected, isPinned: false })
  expect(resolveModel('pump@2', at('models'))).toEqual({ ...expected, isPinned: true })
})

test('a name that ships goes before all, a directory with a model before the registry, another directory does not', () => {
  const registry = new Registry(at('models'))
  registry.add('pump', writeSmallModel(at('m3'), 3), who)
  registry.promote('pump', 1, who)
  expect(resolveModel('base', at('models')).kind).toBe('shipped')
  const directory = at('m2')
  expect(resolveModel(directory, at('models'))).toEqual({ kind: 'path', path: directory })
  mkdirSync(at('pump'))
  expect(resolveModel('pump', at('models')).kind).toBe('registered')
})

test('an unknown name says where was looked and what is near', () => {
  expect(() => weights('pumq')).toThrow(
    /no model "pumq": .*did you mean pump\? models that ship: base; registered in .*: pump/,
  )
  expect(() => weights('bsae')).toThrow(/did you mean base\?/)
  expect(() => weights('pump@9')).toThrow(/pump has no version 9; there are 1, 2/)
  expect(() => loadNamedModel('pump', at('none'))).toThrow(/registered in .*none: none/)
})

test('a damaged version is refused wherever it is named', () => {
  appendFileSync(at('models', 'pump', 'v2', 'weights.safetensors'), 'x')
  expect(() => weights('pump@2')).toThrow(/pump@2: .*SHA-256 differs/)
  expect(weights('pump@1')).toBe(smallModel(1).fingerprint)
})

test('a set is the models of a pipeline, and no single model', () => {
  const registry = new Registry(at('models'))
  registry.add('hall', writeSmallSet(at('set'), ['a', 'b']), who)
  registry.promote('hall', 1, who)
  const { own, model, origin } = loadNamedModels('hall', at('models'))
  expect([...own.keys()]).toEqual(['a', 'b'])
  expect(model.name).toBe('base')
  expect(origin).toMatchObject({ kind: 'registered', version: 1 })
  expect(() => weights('hall')).toThrow(/a model a sensor: name one of them by its directory/)
})
