import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { createLog } from '../../../src/cli/log.ts'

const folder = mkdtempSync(join(tmpdir(), 'residua-log-'))

afterAll(() => rmSync(folder, { recursive: true }))

function written(name: string): string[] {
  return readFileSync(join(folder, name), 'utf8').trimEnd().split('\n')
}

test('for machines each event is one line of JSON with level, time, message and fields', () => {
  const log = createLog({ level: 'info', json: true, destination: join(folder, 'json') })
  log.debug({}, 'not this one')
  log.warn({ source: 'mqtt', text: 'two\nlines' }, 'the broker is gone')
  const [line, ...rest] = written('json')
  expect(rest).toEqual([])
  expect(JSON.parse(line!)).toEqual({
    level: 'warn',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    source: 'mqtt',
    text: 'two\nlines',
    message: 'the broker is gone',
  })
})

test('for a terminal each event is one line of text', () => {
  const log = createLog({ level: 'warn', json: false, destination: join(folder, 'text') })
  log.info({}, 'not this one')
  log.error({ code: 'auth' }, 'refused')
  const lines = written('text')
  expect(lines).toHaveLength(1)
  expect(lines[0]).toMatch(/ERROR.*refused.*"code":"auth"/)
})
