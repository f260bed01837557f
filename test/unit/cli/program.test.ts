import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { runProgram } from '../../../src/cli/program.ts'

let out = ''
let errors = ''

beforeEach(() => {
  out = ''
  errors = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    out += String(text)
    return true
  })
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    errors += String(text)
    return true
  })
})

afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = undefined
})

test('help names every command, with examples and exit codes, and is no error', async () => {
  expect(await runProgram(['--help'])).toBe(0)
  for (const word of ['demo', 'run', 'replay', 'check', 'Examples:', 'Exit codes:']) expect(out).toContain(word)
})

test('the version is that of the package', async () => {
  expect(await runProgram(['--version'])).toBe(0)
  expect(out).toMatch(/^\d+\.\d+\.\d+\n$/)
})

test('no command at all shows the help as a wrong use', async () => {
  expect(await runProgram([])).toBe(2)
  expect(errors).toContain('Usage: residua')
})

test.each(['backtest', 'train', 'tune', 'evaluate', 'models', 'bench'])(
  'the command %s is refused as not part of this version',
  async (name) => {
    expect(await runProgram([name, 'x'])).toBe(2)
    expect(errors).toMatch(
      new RegExp(`the command ${name} is not part of .*; this version has demo, run, replay, check`),
    )
  },
)

test('an unknown command and an unknown option exit with 2', async () => {
  expect(await runProgram(['rum'])).toBe(2)
  expect(errors).toContain('unknown command rum')
  expect(await runProgram(['check', '--offlin'])).toBe(2)
  expect(errors).toContain('--offlin')
  expect(await runProgram(['--verbose'])).toBe(2)
})

test('a configuration that is not there is a wrong use that says how to name it', async () => {
  expect(await runProgram(['run', '-c', '/nowhere/residua.yaml'])).toBe(2)
  expect(errors).toMatch(/\/nowhere\/residua.yaml cannot be read.*--config FILE/)
})

test('help of a command tells its options and examples', async () => {
  expect(await runProgram(['check', '--help'])).toBe(0)
  for (const word of ['--config <file>', '--offline', '--json', '--schema', 'Examples:']) expect(out).toContain(word)
  out = ''
  expect(await runProgram(['help', 'run'])).toBe(0)
  expect(out).toContain('--log-level')
})
