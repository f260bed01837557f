import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { Registry } from '../../../src/cli/registry/registry.ts'
import { writeSmallModel } from './registry/small-models.ts'
import { type Run, run, small } from './run-command.ts'

const folder = mkdtempSync(join(tmpdir(), 'residua-damaged-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
const made = (...names: string[]): string => join(folder, 'made', ...names)
const work = (...names: string[]): string => join(folder, 'work', ...names)

const slow = [...small, '--epochs', '400', '--set', 'fit.patience=0', '--set', 'fit.batch=4']
const search = [...small, '--epochs', '4', '--min-epochs', '1', '--reduction', '2', '--workers', '1']
const varied = [...search, '--vary', 'fit.rate=0.001..0.05', '--trials']

/** What happens to files of a disk that was full, a copy that was stopped, or a hand that was wrong. */
const damages: Readonly<Record<string, (path: string) => void>> = {
  half: (path) => writeFileSync(path, readFileSync(path).subarray(0, readFileSync(path).length / 2)),
  empty: (path) => writeFileSync(path, ''),
  'JSON null': (path) => writeFileSync(path, 'null'),
  'a list': (path) => writeFileSync(path, '[]'),
  'other JSON': (path) =>
    writeFileSync(path, '{"format":1,"kind":"y","models":5,"forecast":7,"scaler":"z","card":"c"}'),
  'something binary': (path) =>
    writeFileSync(path, Buffer.from(Array.from({ length: 500 }, (_, n) => (n * 131) % 256))),
  'a directory': (path) => {
    rmSync(path)
    mkdirSync(path)
  },
}

beforeAll(async () => {
  mkdirSync(made(), { recursive: true })
  const value = (row: number): string => (20 + 3 * Math.sin(row / 9) + ((row * 7_919) % 1_000) / 1_000).toFixed(3)
  const times = Array.from({ length: 400 }, (_, row) => new Date(Date.UTC(2024, 0, 1) + row * 60_000).toISOString())
  writeFileSync(join(folder, 'pump.csv'), `time,a\n${times.map((time, row) => `${time},${value(row)}`).join('\n')}\n`)
  const two = times.map((time, row) => `${time},${value(row)},${value(row * 3)}`)
  writeFileSync(join(folder, 'two.csv'), `time,a,b\n${two.join('\n')}\n`)
  for (const [input, out] of [
    [join(folder, 'pump.csv'), made('model')],
    [join(folder, 'two.csv'), made('set')],
  ] as const) {
    expect(await run('train', input, '--out', out, ...small, '--epochs', '1')).toMatchObject({ exitCode: 0 })
  }
  const searched = await run('tune', join(folder, 'pump.csv'), ...varied, '3', '--out', made('search'))
  expect(searched.exitCode).toBe(0)
  const registry = new Registry(made('registry'))
  const who = { by: 'a test', reason: 'to damage it' }
  for (const seed of [1, 2]) registry.add('pump', writeSmallModel(join(folder, `seed-${seed}`), seed), who)
  for (const version of [1, 2]) registry.promote('pump', version, who)
  registry.add('other', join(folder, 'seed-1'), who)
  const stopped = run('train', join(folder, 'pump.csv'), '--out', made('stopped'), ...slow)
  await vi.waitUntil(() => existsSync(made('stopped', 'training.state')), { timeout: 20_000, interval: 2 })
  process.emit('SIGINT', 'SIGINT')
  expect((await stopped).exitCode).toBe(130)
})

/** The bytes of all files of a directory but one, by their names. */
function othersIn(dir: string, but: string): Record<string, string> {
  const paths = readdirSync(dir, { recursive: true, encoding: 'utf8' }).map((name) => join(dir, name))
  const files = paths.filter((path) => path !== but && statSync(path).isFile())
  return Object.fromEntries(files.map((path) => [relative(dir, path), readFileSync(path).toString('base64')]))
}

/** A fresh copy of what is damaged. */
function copied(dir: string): void {
  rmSync(work(), { recursive: true, force: true })
  cpSync(made(dir), work(dir), { recursive: true })
}

async function damagedRun(file: string, damage: string, words: readonly string[]): Promise<Run> {
  copied(file.split('/')[0]!)
  damages[damage]!(work(file))
  return run(...words)
}

/** What every refusal has: its exit code, the file's whole name, what to do, no trace of the program's own code. */
function refusedBy({ exitCode, err }: Run, file: string, fix: RegExp): void {
  expect({ exitCode, err }).toMatchObject({ exitCode: 1, err: expect.stringContaining(work(file)) })
  expect(err).toMatch(fix)
  expect(err).not.toMatch(/a bug of residua|\n\s+at |Cannot read prop/)
}

const input = (name: string): string => join(folder, name)
const registryWords = ['--registry', work('registry')]
const show = (dir: string): string[] => ['models', 'show', work(dir)]
const evaluate = ['evaluate', input('pump.csv'), '--model', work('model')]
const resume = ['train', input('pump.csv'), '--out', work('stopped'), ...slow, '--resume']
const tuneOn = ['tune', input('pump.csv'), ...varied, '4', '--out', work('search'), '--resume']

const again = /: train or import it again, or put it back from a backup/
const tables: readonly (readonly [file: string, words: readonly string[], fix: RegExp])[] = [
  ['model/model.json', show('model'), again],
  ['model/weights.safetensors', show('model'), again],
  ['model/plan.json', evaluate, /: put it back from a backup, or remove it/],
  ['set/model.json', show('set'), again],
  ['set/b/model.json', show('set'), again],
  ['stopped/training.state', resume, /remove it and begin anew without --resume/],
  ['search/trials.ndjson', tuneOn, /begin the search anew with --force/],
  ['registry/pump/registry.json', ['models', 'show', 'pump', ...registryWords], /put it back from a backup/],
]

describe.each(tables)('a damaged %s', (file, words, fix) => {
  // A journal that is cut in its middle is whole but for its last line: that has a test of its own.
  const names = Object.keys(damages).filter((name) => !(file.endsWith('ndjson') && name === 'half'))
  test.each(names)('(%s) is named with what to do, and nothing else is touched', async (damage) => {
    const ran = await damagedRun(file, damage, words)
    // Before long work a directory in a file's place is refused as what cannot be written.
    refusedBy(ran, file, damage === 'a directory' ? new RegExp(`${fix.source}|: move it away`) : fix)
    const dir = file.split('/')[0]!
    expect(othersIn(work(dir), work(file))).toEqual(othersIn(made(dir), made(file)))
  })
})

test.each([
  ['evaluate', evaluate],
  ['replay', ['replay', input('pump.csv'), '--model', work('model')]],
  ['train --from', ['train', input('pump.csv'), '--from', work('model'), '--out', work('new')]],
  ['models promote', ['models', 'promote', work('model'), '--name', 'new', ...registryWords]],
  ['models export', ['models', 'export', work('model'), '--format', 'onnx', '--out', work('exported')]],
])('%s names a model file that is cut in half or something else', async (_, words) => {
  for (const file of ['model/model.json', 'model/weights.safetensors']) {
    for (const damage of ['half', 'JSON null', 'a directory'])
      refusedBy(await damagedRun(file, damage, words), file, again)
  }
})

test('weights and model.json of two models are refused, as a write that was killed between them leaves them', async () => {
  copied('model')
  cpSync(made('set', 'b', 'weights.safetensors'), work('model', 'weights.safetensors'))
  refusedBy(await run(...show('model')), 'model/weights.safetensors', /have the fingerprint \w+, model\.json says \w+/)
})

test.each(['half', 'empty', 'JSON null', 'a list', 'something binary', 'a directory'])(
  'a plan that holds %s is a wrong option, with its file',
  async (damage) => {
    const plan = ['train', input('pump.csv'), '--out', work('new'), '--plan', work('search/best.json')]
    const { exitCode, err } = await damagedRun('search/best.json', damage, plan)
    expect({ exitCode, err }).toMatchObject({ exitCode: 2, err: expect.stringContaining(work('search/best.json')) })
    expect(err).toMatch(/no plan as YAML or JSON/)
  },
)

describe('a registry with a damaged record', () => {
  const words = (...command: string[]): string[] => ['models', ...command, ...registryWords]

  test('lists the others, names it, and ends with 1', async () => {
    const ran = await damagedRun('registry/pump/registry.json', 'half', words('list'))
    refusedBy(ran, 'registry/pump/registry.json', /put it back from a backup/)
    expect(ran.out).toMatch(/^other /m)
    expect(await run(...words('show', 'other@1'))).toMatchObject({ exitCode: 0, err: '' })
  })

  test('takes no new version in place of those that a lost or older record does not know', async () => {
    await damagedRun('registry/pump/registry.json', 'empty', words('list'))
    const whole = readFileSync(made('registry', 'pump', 'registry.json'), 'utf8')
    rmSync(work('registry', 'pump', 'registry.json'))
    const add = words('promote', made('model'), '--name', 'pump')
    refusedBy(await run(...add), 'registry/pump/registry.json', /is missing, but there was one: put it back/)
    const { versions, ...older } = JSON.parse(whole)
    writeFileSync(
      work('registry', 'pump', 'registry.json'),
      JSON.stringify({ ...older, versions: versions.slice(0, 1), live: 1, history: [] }),
    )
    expect(await run(...add)).toMatchObject({ exitCode: 0, err: '' })
    const second = join('registry', 'pump', 'v2', 'weights.safetensors')
    expect(readFileSync(work(second))).toEqual(readFileSync(made(second)))
    expect(existsSync(work('registry', 'pump', 'v3', 'weights.safetensors'))).toBe(true)
  })

  test('says how much of an audit log is lost, and refuses changes on a damaged one', async () => {
    const log = 'registry/pump/audit.ndjson'
    const ran = await damagedRun(log, 'half', words('show', 'pump'))
    expect(ran).toMatchObject({
      exitCode: 0,
      err: expect.stringMatching(/audit\.ndjson lacks \d of 4 changes: put it back/),
    })
    await damagedRun(log, 'half', [...words('list')])
    writeFileSync(work(log), `no JSON\n${readFileSync(made(log), 'utf8')}`)
    refusedBy(await run(...words('show', 'pump')), log, /put the log back from a backup, or move it away/)
  })

  test('refuses a version whose files are cut, and promotes another', async () => {
    const file = 'registry/pump/v2/weights.safetensors'
    const ran = await damagedRun(file, 'half', ['replay', input('pump.csv'), '--model', 'pump', ...registryWords])
    refusedBy(ran, file, /put the file back, or promote another version/)
    expect(await run(...words('rollback', 'pump'))).toMatchObject({ exitCode: 0, err: '' })
  })
})

test('a state of a trial that is damaged costs only that trial its way back', { timeout: 60_000 }, async () => {
  const states = readdirSync(made('search', 'states'))
  expect(states.length).toBeGreaterThan(0)
  copied('search')
  expect((await run(...tuneOn.map((word) => word.replace(work('search'), made('search'))))).exitCode).toBe(0)
  const results = (dir: string): unknown[] => {
    const lines = readFileSync(join(dir, 'trials.ndjson'), 'utf8').split('\n').slice(1, -1)
    return lines.map((line) => ({ ...JSON.parse(line), seconds: 0 }))
  }
  const whole = results(made('search'))
  for (const state of states) writeFileSync(work('search', 'states', state), 'torn')
  expect((await run(...tuneOn)).exitCode).toBe(0)
  expect(results(work('search'))).toEqual(whole)
})
