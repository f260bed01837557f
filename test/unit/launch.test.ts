import { execFile } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let clone = ''

function write(path: string, text: string): void {
  mkdirSync(dirname(join(clone, path)), { recursive: true })
  writeFileSync(join(clone, path), text)
}

interface Outcome {
  readonly code: number
  readonly out: string
  readonly err: string
}

function launch(...args: string[]): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(clone, 'src/launch.mjs'), ...args], (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code), out, err })
    })
  })
}

// A compiler that takes a moment, writes down that it ran, and fails on a source that says so.
const compiler = `
import { appendFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { setTimeout } from 'node:timers/promises'
await setTimeout(200)
appendFileSync('compiled', 'x')
const source = readFileSync('src/main.ts', 'utf8')
if (source.includes('WRONG')) { console.log('src/main.ts(1,1): error: WRONG'); process.exit(2) }
const out = process.argv[process.argv.indexOf('--outDir') + 1]
mkdirSync(out, { recursive: true })
writeFileSync(out + '/main.js', source)
`

beforeEach(() => {
  clone = mkdtempSync(join(tmpdir(), 'residua-launch-'))
  const lock = {
    packages: { '': {}, 'node_modules/typescript': { version: '1.0.0' }, 'node_modules/odd': { optional: true } },
  }
  write('package.json', JSON.stringify({ type: 'module', engines: { node: '>=20.0.0' } }))
  write('package-lock.json', JSON.stringify(lock))
  write(
    'node_modules/.package-lock.json',
    JSON.stringify({ packages: { 'node_modules/typescript': { version: '1.0.0' } } }),
  )
  write('node_modules/typescript/package.json', '{"type":"module"}')
  write('node_modules/typescript/bin/tsc', compiler)
  write('node_modules/vite/package.json', '{"type":"module"}')
  write('node_modules/vite/bin/vite.js', '')
  write('tsconfig.json', '{}')
  write('src/main.ts', 'console.log(process.argv.slice(2).join()); process.exitCode = 3')
  write('src/model/base/weights.bin', 'weights')
  for (const name of ['launch.mjs', 'build.mjs']) copyFileSync(`src/${name}`, join(clone, 'src', name))
})

afterEach(() => rmSync(clone, { recursive: true, force: true }))

const compiledTimes = (): number => readFileSync(join(clone, 'compiled'), 'utf8').length

describe('the launcher in a clone', () => {
  it('builds at the first start only, and the program has its arguments and its exit code', async () => {
    expect(await launch('demo', '--once')).toMatchObject({ code: 3, out: 'demo,--once\n', err: 'residua: building\n' })
    expect(await launch('demo')).toMatchObject({ code: 3, out: 'demo\n', err: '' })
    expect(compiledTimes()).toBe(1)
    expect(readFileSync(join(clone, 'dist/model/base/weights.bin'), 'utf8')).toBe('weights')
  })

  it('builds again when a source changed, also when an older file came back', async () => {
    await launch('--build')
    utimesSync(join(clone, 'src/main.ts'), new Date(1e12), new Date(1e12))
    expect((await launch('--build')).code).toBe(0)
    expect(compiledTimes()).toBe(2)
  })

  it('lets two starts at once build once', async () => {
    const both = await Promise.all([launch('a'), launch('b')])
    expect(both.map(({ out }) => out)).toEqual(['a\n', 'b\n'])
    expect(compiledTimes()).toBe(1)
    expect(readdirSync(clone).filter((name) => name.includes('.part-') || name.endsWith('.lock'))).toEqual([])
  })

  it('takes over the lock of a process that died', async () => {
    const child = execFile(process.execPath, ['-e', ''])
    await new Promise((resolve) => child.once('exit', resolve))
    write('.residua-build.lock', String(child.pid))
    expect((await launch('x')).out).toBe('x\n')
  })

  it('shows what the compiler said, exits with 1 and keeps the old build', async () => {
    await launch('--build')
    write('src/main.ts', 'WRONG')
    const failed = await launch('x')
    expect(failed.code).toBe(1)
    expect(failed.err).toContain('src/main.ts(1,1): error: WRONG')
    expect(failed.err).not.toContain('    at ')
    expect(existsSync(join(clone, 'dist/main.js'))).toBe(true)
  })

  it('refuses an old Node in one sentence', async () => {
    write('package.json', JSON.stringify({ type: 'module', engines: { node: '>=99.1.0' } }))
    const refused = await launch('demo')
    expect(refused.code).toBe(1)
    expect(refused.err).toBe(`residua: needs Node 99.1.0 or newer; this is Node ${process.versions.node}.\n`)
  })

  it('only starts the program in an installed package, which has no sources', async () => {
    await launch('--build')
    rmSync(join(clone, 'tsconfig.json'))
    write('src/main.ts', 'changed, but nobody compiles it')
    expect((await launch('replay')).out).toBe('replay\n')
    expect(compiledTimes()).toBe(1)
  })
})
