import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { OperatingError } from '../../../src/base/errors.ts'
import { checkWritable, writeWhole } from '../../../src/cli/model-directory.ts'
import { writeFailure } from '../../../src/ports/write-failure.ts'
import { writeSmallModel } from './registry/small-models.ts'
import { type Run, run, small } from './run-command.ts'

let folder = ''
const at = (...names: string[]): string => join(folder, ...names)
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'residua-unwritable-'))
  // An input that cannot be read in its place: what complains of the output has not read it.
  writeFileSync(at('pump.csv'), 'time,pump\n')
  writeFileSync(at('file'), '')
  writeSmallModel(at('model'), 1)
})
afterEach(() => {
  chmodSync(folder, 0o755)
  rmSync(folder, { recursive: true, force: true })
})

const isRoot = process.getuid?.() === 0
const nobody = 65_534

/** Whether everybody may read a directory and go through all above it. */
function isOpen(dir: string): boolean {
  return (statSync(dir).mode & 0o5) === 0o5 && (dirname(dir) === dir || isOpen(dirname(dir)))
}

async function asNobody(work: () => Promise<Run>): Promise<Run> {
  if (!isRoot) return work()
  process.seteuid!(nobody)
  try {
    return await work()
  } finally {
    process.seteuid!(0)
  }
}

const commands: Readonly<Record<string, (out: string) => string[]>> = {
  train: (out) => ['train', at('pump.csv'), '--out', out, ...small],
  tune: (out) => ['tune', at('pump.csv'), '--vary', 'fit.rate=0.001,0.01', '--out', out],
  'tune --resume': (out) => ['tune', at('pump.csv'), '--vary', 'fit.rate=0.001,0.01', '--out', out, '--resume'],
  evaluate: (out) => ['evaluate', at('pump.csv'), '--model', 'base', '--out', out],
  'replay --out': (out) => ['replay', at('pump.csv'), '--out', join(out, 'scores.csv')],
  'replay --alarms': (out) => ['replay', at('pump.csv'), '--alarms', join(out, 'alarms.csv')],
  'models import': (out) => ['models', 'import', 'base', '--scaler', 'warm-up', '--period', 'any', '--out', out],
  'models export': (out) => ['models', 'export', 'base', '--format', 'onnx', '--out', out],
  'models promote': (out) => ['models', 'promote', at('model'), '--name', 'pump', '--registry', out],
}

/** Places where nothing can be made, and what is said of them; root may write where others must not. */
const places: readonly (readonly [what: string, place: () => string, says: RegExp])[] = [
  ['/proc, where mkdir must not search for ever', () => '/proc/residua/out', /\(ENOENT.*: nothing can be made there/],
  ['a file', () => at('file', 'out'), /\(ENOTDIR.*: a file is where a directory is needed: move it away/],
]

function refused({ exitCode, out, err }: Run, place: string, says: RegExp): void {
  expect({ exitCode, out }).toEqual({ exitCode: 1, out: '' })
  expect(err).toContain(`error: ${place}`)
  expect(err).toMatch(/cannot be written/)
  expect(err).toMatch(says)
  expect(err).not.toMatch(/a bug of residua|\n\s+at |no good reading/)
}

describe.each(Object.keys(commands))('%s', (command) => {
  test.each(places)('refuses %s before it works', async (_, place, says) => {
    refused(await run(...commands[command]!(place())), place(), says)
  })

  // Root may write everywhere, so it becomes nobody for a while, where nobody may read the program.
  test.skipIf(isRoot && !isOpen(import.meta.dirname))('refuses a directory without the right to write', async () => {
    chmodSync(folder, 0o555)
    const ran = await asNobody(() => run(...commands[command]!(at('new'))))
    refused(ran, at('new'), /\(EACCES.*: give the user that runs residua/)
  })
})

test.each([
  ['train', 'weights.safetensors'],
  ['train', 'model.json'],
  ['tune', 'trials.ndjson'],
  ['tune', 'leaderboard.txt'],
  ['evaluate', 'evaluation.html'],
])('%s names a directory in the place of %s before it works', async (command, name) => {
  mkdirSync(at('out', name), { recursive: true })
  const ran = await run(...commands[command]!(at('out')), ...(command === 'train' ? ['--force'] : []))
  refused(ran, at('out', name), /it is a directory.*: move it away/)
})

describe('checkWritable()', () => {
  test('leaves nothing of its attempt, neither files nor directories', () => {
    checkWritable(at('a', 'b', 'c'), ['model.json'])
    expect(existsSync(at('a'))).toBe(false)
    mkdirSync(at('there'))
    checkWritable(at('there', 'new'), [])
    expect(readdirSync(at('there'))).toEqual([])
  })
})

describe('writeWhole()', () => {
  test('leaves no part of a file that could not be put in its place', () => {
    mkdirSync(at('out', 'card.json'), { recursive: true })
    expect(() => writeWhole(at('out'), 'card.json', '{}')).toThrow(/a directory is where a file is to be written/)
    expect(readdirSync(at('out'))).toEqual(['card.json'])
  })
})

test.each([
  ['EACCES', /give the user that runs residua the right/],
  ['EROFS', /read-only: mount it for writing/],
  ['ENOSPC', /the disk is full: free some space, .*--resume/],
  ['EISDIR', /move it away/],
])('a failed write with %s says what to do', (code, says) => {
  const failure = writeFailure('/models/pump', Object.assign(new Error(`${code}: why`), { code }))
  expect(failure).toBeInstanceOf(OperatingError)
  expect(failure.message).toMatch(/^\/models\/pump cannot be written \(E\w+: why\): /)
  expect(failure.message).toMatch(says)
})
