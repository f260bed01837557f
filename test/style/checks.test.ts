import { describe, expect, it } from 'vitest'
import { checkCycles } from './checks/cycles.ts'
import { checkDeadFiles } from './checks/dead-files.ts'
import { checkDocs } from './checks/docs.ts'
import { checkLayers, readLayers } from './checks/layers.ts'
import { checkPackages } from './checks/packages.ts'
import { checkPurity } from './checks/purity.ts'
import { checkSizes } from './checks/sizes.ts'
import { checkAny, checkNames, checkTexts } from './checks/words.ts'
import { type Offence, parseTree } from './source-tree.ts'

const table = `
| folder | may import |
|---|---|
| base | – |
| ports | base |
| adapters/x | base, own folder |
| adapters/registry.ts | adapters |
| server | ports, runtime/api.ts |
| runtime | base |
| cli, main | everything |
`

const fixes = (offences: readonly Offence[]): string => offences.map(({ fix }) => fix).join('\n')
const one = (text: string, path = 'src/core/x.ts') => parseTree({ [path]: text })

describe('the layer check', () => {
  const check = (path: string, imported: string): Offence[] =>
    checkLayers(one(`import type { X } from '${imported}'`, path), readLayers(table))

  it('refuses an import upwards, also of a type, and names the way out', () => {
    expect(fixes(check('src/base/x.ts', '../ports/y.ts'))).toContain('base may import nothing')
    expect(fixes(check('src/server/x.ts', '../runtime/engine.ts'))).toContain('move the shared part')
  })
  it('refuses an adapter that imports another one', () => {
    expect(check('src/adapters/mqtt/sink.ts', '../kafka/client.ts')).toHaveLength(1)
  })
  it('refuses a folder that is in no row', () => {
    expect(fixes(check('src/stuff/x.ts', './y.ts'))).toContain('no row')
    expect(fixes(check('src/adapters/loose.ts', './y.ts'))).toContain('no row')
  })
  it('allows what the table allows', () => {
    expect(check('src/server/x.ts', '../runtime/api.ts')).toEqual([])
    expect(check('src/adapters/mqtt/sink.ts', './client.ts')).toEqual([])
    expect(check('src/adapters/registry.ts', './mqtt/sink.ts')).toEqual([])
    expect(check('src/main.ts', './cli/run.ts')).toEqual([])
  })
  it('says when the page has no table', () => {
    expect(() => readLayers('# nothing')).toThrow('has no table')
  })
})

describe('the cycle check', () => {
  it('finds a cycle of three files that is closed by a type import', () => {
    const tree = parseTree({
      'src/a.ts': "import { b } from './b.ts'",
      'src/b.ts': "export { c } from './c.ts'",
      'src/c.ts': "import type { A } from './a.ts'",
    })
    expect(fixes(checkCycles(tree))).toContain('src/a.ts → src/b.ts → src/c.ts → src/a.ts')
  })
  it('allows two ways to one file', () => {
    const tree = parseTree({
      'src/a.ts': "import './b.ts'\nimport './c.ts'",
      'src/b.ts': "import './d.ts'",
      'src/c.ts': "import './d.ts'",
      'src/d.ts': '',
    })
    expect(checkCycles(tree)).toEqual([])
  })
})

describe('the purity check', () => {
  const impure = [
    'const t = Date.now()',
    'const t = new Date()',
    'const t = performance.now()',
    'setTimeout(f, 1)',
    'const r = Math.random()',
    'const e = process.env',
    "import { readFileSync } from 'node:fs'",
    'async function f() {}',
    'const p = Promise.resolve()',
    'function f(): Promise<void> { return g() }',
    'fetch(url)',
    'console.log(1)',
    'const y = Math.exp(x)',
    'const y = Math.tanh(x)',
  ]
  for (const text of impure) {
    it(`refuses \`${text}\` in core`, () => {
      expect(fixes(checkPurity(one(text)))).toContain('core is pure')
    })
  }
  it('allows exact maths, dates made of numbers and fields that are called like a global', () => {
    const text = 'const y = Math.sqrt(Math.abs(x)) + new Date(ms).getTime() + options.process + { process: 1 }.process'
    expect(checkPurity(one(text))).toEqual([])
  })
  it('leaves other layers alone', () => {
    expect(checkPurity(one('const t = Date.now()', 'src/runtime/clock.ts'))).toEqual([])
  })
})

describe('the size check', () => {
  it('refuses a file of 401 lines and a function of 71', () => {
    expect(fixes(checkSizes(one('x\n'.repeat(401))))).toContain('401 lines, at most 400')
    expect(fixes(checkSizes(one(`function f() {\n${'x\n'.repeat(69)}}`)))).toContain('a function of 71 lines')
    expect(checkSizes(one(`function f() {\n${'x\n'.repeat(68)}}\n${'x\n'.repeat(330)}`))).toEqual([])
  })
})

describe('the check for dead files', () => {
  it('finds a file that no entry reaches, and follows workers', () => {
    const tree = parseTree({
      'src/main.ts': "const url = new URL('./worker.js', import.meta.url)",
      'src/worker.ts': "await import('./used.ts')",
      'src/used.ts': '',
      'src/dead.ts': '',
    })
    expect(checkDeadFiles(tree, ['src/main.ts']).map(({ path }) => path)).toEqual(['src/dead.ts'])
  })
})

describe('the check for docstrings', () => {
  it('refuses an export without a sentence', () => {
    expect(fixes(checkDocs(one('export const x = 1')))).toContain('x is exported without a docstring')
    expect(fixes(checkDocs(one('/** the thing */\nexport const x = 1')))).toContain('whole sentence')
    expect(fixes(checkDocs(one('// A comment.\nexport interface X {}')))).toContain('X is exported')
  })
  it('allows documented and private symbols', () => {
    expect(checkDocs(one('/** Does it. */\nexport function f() {}\nfunction g() {}\nexport { g }'))).toEqual([])
  })
})

describe('the check for packages', () => {
  it('refuses a second folder and an undeclared package', () => {
    const tree = parseTree({
      'src/adapters/kafka/client.ts': "import { Kafka } from 'kafkajs'",
      'src/adapters/mqtt/sink.ts': "import type { Kafka } from 'kafkajs'\nimport x from 'left-pad'",
    })
    const found = fixes(checkPackages(tree, ['kafkajs']))
    expect(found).toContain('kafkajs is imported in src/adapters/kafka already')
    expect(found).toContain('left-pad is not among the dependencies')
  })
})

describe('the checks of words', () => {
  it('finds any as a type, and nothing in names or comments', () => {
    expect(checkAny(one('const x: any = 1\nfunction f(a: any[]) {}'))).toHaveLength(2)
    expect(checkAny(one('// any\nconst any = 1'))).toEqual([])
    expect(checkAny(one(`// @ts-${'ignore'}\nf()`))).toHaveLength(1)
  })
  it('finds files with a name that says nothing', () => {
    expect(checkNames(['src/base/utils.ts', 'src/helpers/x.ts', 'src/base/ring.ts'])).toHaveLength(2)
  })
  it('finds a path of one machine and a mark of unfinished work', () => {
    expect(
      checkTexts({ a: "const x = '/home/ann/x'", b: '// TODO later', c: '/usr/bin/java http://a/home/b' }),
    ).toHaveLength(2)
  })
})
