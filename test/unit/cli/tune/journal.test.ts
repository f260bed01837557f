import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Journal, type JournalRow } from '../../../../src/cli/tune/journal.ts'

const folder = mkdtempSync(join(tmpdir(), 'residua-journal-'))
afterAll(() => rmSync(folder, { recursive: true }))

const row = (trial: number): JournalRow => ({
  ...{ trial, rung: 0, values: { 'fit.rate': 0.1 + 0.2 }, epochs: 3 },
  ...{ objective: 0.1 * trial, validationLoss: 1, bestEpoch: 2, seconds: 0.5 },
})
const silent = (text: string): never => {
  throw new Error(`unexpected warning: ${text}`)
}

function written(name: string): string {
  const dir = join(folder, name)
  const journal = Journal.begin(dir, 'settings', false)
  journal.append(row(0))
  journal.append(row(1))
  journal.close()
  return dir
}

test('a search is read back as it was written, and goes on behind it', () => {
  const dir = written('whole')
  const again = Journal.resume(dir, 'settings', silent)
  expect(again.rows).toEqual([row(0), row(1)])
  again.append(row(2))
  again.close()
  const last = Journal.resume(dir, 'settings', silent)
  expect(last.rows).toEqual([row(0), row(1), row(2)])
  last.close()
})

test.each([
  ['cut short', '{"trial":2,"rung":0,"va'],
  ['cut before its line break', JSON.stringify(row(2))],
  ['not JSON', 'xxxx\n'],
])('a last line that is %s is left out with a warning, and the next one is whole', (_, text) => {
  const dir = written(`damaged-${text.length}`)
  const path = join(dir, 'trials.ndjson')
  const before = readFileSync(path, 'utf8')
  appendFileSync(path, text)
  const warnings: string[] = []
  const journal = Journal.resume(dir, 'settings', (warning) => warnings.push(warning))
  expect(journal.rows).toEqual([row(0), row(1)])
  expect(warnings).toEqual([expect.stringContaining('last line is damaged')])
  journal.append(row(5))
  journal.close()
  expect(readFileSync(path, 'utf8')).toBe(`${before}${JSON.stringify(row(5))}\n`)
})

test('a damaged line in the middle is an error that names it', () => {
  const dir = written('middle')
  const path = join(dir, 'trials.ndjson')
  const lines = readFileSync(path, 'utf8').split('\n')
  writeFileSync(path, [lines[0], '{"trial":', lines[2], ''].join('\n'))
  expect(() => Journal.resume(dir, 'settings', silent)).toThrow(/trials\.ndjson, line 2/)
})

test('a search is not overwritten, and not taken for another one', () => {
  const dir = written('there')
  expect(() => Journal.begin(dir, 'settings', false)).toThrow(/there is a search already/)
  expect(() => Journal.resume(dir, 'other', silent)).toThrow(/another space, method, plan or data/)
  expect(() => Journal.resume(join(folder, 'none'), 'settings', silent)).toThrow(/there is no search/)
})
