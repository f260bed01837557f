import { describe, expect, it } from 'vitest'
import { modules } from '../../src/build-kernel.mjs'
import { checkCycles } from './checks/cycles.ts'
import { checkDeadFiles } from './checks/dead-files.ts'
import { checkDocs } from './checks/docs.ts'
import { checkLayers, readLayers } from './checks/layers.ts'
import { checkPackages } from './checks/packages.ts'
import { checkPurity } from './checks/purity.ts'
import { checkSizes } from './checks/sizes.ts'
import { checkAny, checkNames, checkTexts } from './checks/words.ts'
import { readFile, readPackage, root } from './repository.ts'
import { type Offence, parseTree, readTexts } from './source-tree.ts'

const texts = readTexts(root, ['src', 'test', 'deploy', 'grafana'])
const code = parseTree(texts)
const sources = code.filter(({ path }) => path.startsWith('src/'))
const isPage = (path: string): boolean => path.startsWith('src/server/ui/')
const isBuildFile = (path: string): boolean => /^src\/[^/]+\.mjs$/.test(path)
const program = sources.filter(({ path }) => !isPage(path) && !isBuildFile(path))
const { dependencies, devDependencies, scripts } = readPackage()

function expectNone(offences: readonly Offence[]): void {
  expect(offences.map(({ path, line, fix }) => `${path}:${line}: ${fix}`)).toEqual([])
}

/** Files that start something: processes, the library, workers' hosts, what package.json's scripts run, the page. */
function entries(): string[] {
  // Scripts run a source by itself, or its compiled file.
  const named = Object.values(scripts).flatMap((script) => script.match(/(src|dist)\/[\w./-]+\.(ts|mjs|js)/g) ?? [])
  const run = [...new Set(named.map((path) => path.replace(/^dist(.*)\.js$/, 'src$1.ts')))]
  const html = texts['src/server/ui/index.html'] ?? ''
  const page = [...html.matchAll(/src="\.?\/?([\w./-]+\.tsx?)"/g)].map(([, name]) => `src/server/ui/${name}`)
  const wasm = Object.values(modules).map(({ entry }) => `src/model/wasm/assembly/${entry}`)
  return ['src/main.ts', 'src/index.ts', 'src/server/ui/vite.config.ts', ...run, ...page, ...wasm]
}

describe('the source', () => {
  it('keeps to the layer table of src/ARCHITECTURE.md', () => {
    expectNone(checkLayers(program, readLayers(readFile('src/ARCHITECTURE.md'))))
  })
  it('has no import cycle, type imports included', () => {
    expectNone(checkCycles(sources))
  })
  it('keeps base, domain, codec, model and core pure', () => {
    expectNone(checkPurity(program))
  })
  it('keeps files and functions short', () => {
    expectNone(checkSizes(sources))
  })
  it('has no file that nothing uses', () => {
    expectNone(checkDeadFiles(sources, entries()))
  })
  it('documents every exported symbol', () => {
    expectNone(checkDocs(sources))
  })
  it('imports each package with a network or native side in one folder, and only declared packages', () => {
    expectNone(checkPackages(program, Object.keys(dependencies)))
    const page = sources.filter(({ path }) => isPage(path))
    expectNone(checkPackages(page, Object.keys({ ...dependencies, ...devDependencies })))
  })
  it('has no any, in tests neither', () => {
    expectNone(checkAny(code))
  })
  it('has no file with a name that says nothing', () => {
    expectNone(checkNames(Object.keys(texts)))
  })
  it('names no path of one machine and leaves nothing for later', () => {
    const own = Object.entries(texts).filter(([path]) => !path.startsWith('test/style/checks.test'))
    expectNone(checkTexts(Object.fromEntries(own)))
  })
})
