import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
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

test.each(['backtest'])('the command %s is refused as not part of this version', async (name) => {
  expect(await runProgram([name, 'x'])).toBe(2)
  expect(errors).toMatch(new RegExp(`the command ${name} is not part of .*; this version has demo, run, replay, `))
})

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

test('all mistakes of a configuration are printed at once, with lines, and the exit code is 2', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'residua-program-'))
  const file = join(folder, 'residua.yaml')
  writeFileSync(
    file,
    'plnt: a\nsources: [{ type: mqt }]\nserver: { port: "80", host: 0.0.0.0 }\ndefaults: { model: no }\n',
  )
  expect(await runProgram(['check', '--config', file])).toBe(2)
  rmSync(folder, { recursive: true })
  expect(errors).toContain(`${file} has 5 problems:`)
  for (const [line, path] of ['plnt', 'sources[0].type', 'server.port', 'defaults.model'].entries()) {
    expect(errors).toContain(`${file}:${line + 1}  ${path}`)
  }
  expect(errors).toContain("did you mean 'mqtt'?")
})

test('a right configuration is shown with its connections, memory and capacity', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'residua-program-'))
  const file = join(folder, 'residua.yaml')
  writeFileSync(file, `sources: [{ type: http }]\nstate: { type: lmdb, path: ${folder} }\nlimits: { sensors: 100 }\n`)
  expect(await runProgram(['check', '-c', file, '--json'])).toBe(0)
  rmSync(folder, { recursive: true })
  const report = JSON.parse(out)
  expect(report).toMatchObject({ ok: true, config: { server: { port: 8080 } }, capacity: { sensors: 100 } })
  expect(report.connections.map(({ kind, ok }: { kind: string; ok: boolean }) => [kind, ok])).toEqual([
    ['source', true],
    ['state', true],
  ])
  expect(report.memory.bytes).toBe(report.memory.bytesPerSensor * 100)
  expect(report.capacity.readingsPerSecond).toBeGreaterThan(1_000)
})

test('a connection that fails makes check exit with 1, and --offline leaves it untried', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'residua-program-'))
  const file = join(folder, 'residua.yaml')
  writeFileSync(file, 'sources: [{ type: mqtt, url: "mqtt://127.0.0.1:1", topics: [a] }]\nstate: { type: memory }\n')
  expect(await runProgram(['check', '-c', file])).toBe(1)
  expect(out).toMatch(/failed {2}source mqtt: .*ECONNREFUSED.*\n.*nothing listens there/)
  expect(await runProgram(['check', '-c', file, '--offline'])).toBe(0)
  expect(out).toContain('connections were not tried')
  rmSync(folder, { recursive: true })
})

test.each(['run', 'replay', 'check'])('%s refuses a kernel that is not one of the three', async (command) => {
  expect(
    await runProgram([command, 'x.csv', '--kernel', 'fast'].filter((word) => command === 'replay' || word !== 'x.csv')),
  ).toBe(2)
  expect(errors).toMatch(
    /--kernel <kernel>' argument 'fast' is invalid. Allowed choices are wasm, reference, wasm-relaxed/,
  )
})

test('the reference kernel can be forced, and relaxed SIMD is used or refused by what it needs', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'residua-program-'))
  const file = join(folder, 'residua.yaml')
  writeFileSync(file, 'sources: [{ type: http }]\nstate: { type: memory }\n')
  for (const [kernel, name] of [
    ['wasm', 'wasm-1'],
    ['reference', 'reference-1'],
  ] as const) {
    out = ''
    expect(await runProgram(['check', '-c', file, '--offline', '--kernel', kernel])).toBe(0)
    expect(out).toContain(`readings/s scored by this machine now with kernel ${name}`)
  }
  const isRefused = Number(process.versions.node.split('.')[0]) < 22
  const code = await runProgram(['check', '-c', file, '--offline', '--kernel', 'wasm-relaxed'])
  rmSync(folder, { recursive: true })
  expect(code).toBe(isRefused ? 1 : 0)
  if (isRefused) expect(errors).toMatch(/wasm-relaxed needs relaxed SIMD.*use Node ≥ 22, or the kernel wasm/)
})

test('the JSON Schema for editors is printed without a configuration', async () => {
  expect(await runProgram(['check', '--schema'])).toBe(0)
  expect(JSON.parse(out)).toMatchObject({ title: 'residua.yaml', properties: { sources: { type: 'array' } } })
})

test('help of a command tells its options and examples', async () => {
  expect(await runProgram(['check', '--help'])).toBe(0)
  for (const word of ['--config <file>', '--offline', '--json', '--schema', 'Examples:']) expect(out).toContain(word)
  out = ''
  expect(await runProgram(['help', 'run'])).toBe(0)
  expect(out).toContain('--log-level')
})
