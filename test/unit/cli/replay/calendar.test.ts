import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run } from '../run-command.ts'

let folder = ''
const file = (name: string): string => join(folder, name)

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'residua-calendar-'))
  // Five weeks around the change of the clocks, a reading an hour, busy from six to ten on working days in Berlin.
  const lines = ['timestamp,load']
  for (let ms = Date.UTC(2026, 9, 5); ms < Date.UTC(2026, 10, 9); ms += 3_600_000) {
    const local = new Date(ms + (ms < Date.UTC(2026, 9, 25, 1) ? 2 : 1) * 3_600_000)
    const works = local.getUTCDay() % 6 !== 0 && local.getUTCHours() >= 6 && local.getUTCHours() < 22
    lines.push(`${new Date(ms).toISOString()},${(works ? 50 : 5) + (((ms / 3_600_000) * 7) % 10) / 10}`)
  }
  writeFileSync(file('load.csv'), `${lines.join('\n')}\n`)
  const event = 'BEGIN:VEVENT\r\nUID:a\r\nDTSTART;VALUE=DATE:20261030\r\nSUMMARY:Bridge\r\nEND:VEVENT\r\n'
  writeFileSync(file('days.ics'), `BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//a//\r\n${event}END:VCALENDAR\r\n`)
  writeFileSync(file('empty.ics'), 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//a//\r\nEND:VCALENDAR\r\n')
})
afterAll(() => rmSync(folder, { recursive: true }))

/** Error of what is expected in the week after the change of the clocks. */
async function errorOf(...options: string[]): Promise<number> {
  const out = file('scores.csv')
  expect((await run('replay', file('load.csv'), '--out', out, ...options)).exitCode).toBe(0)
  const [head = '', ...rows] = readFileSync(out, 'utf8').trim().split('\n')
  const column = head.split(',').indexOf('residual')
  const residuals = rows
    .map((row) => row.split(','))
    .filter(([time = '']) => time >= '2026-10-26' && time < '2026-10-31')
    .map((cells) => Math.abs(Number(cells[column])))
  return residuals.reduce((sum, one) => sum + one, 0) / residuals.length
}

test('days follow the time zone through the change of the clocks, and holidays and shifts count', async () => {
  const inUtc = await errorOf()
  const inBerlin = await errorOf('--timezone', 'Europe/Berlin')
  expect(inBerlin).toBeLessThan(inUtc)
  const shifts = 'early=mon-fri/06:00,late=mon-fri/14:00-22:00'
  const others = [await errorOf('--timezone', 'Europe/Berlin', '--shifts', shifts)]
  others.push(await errorOf('--timezone', 'Europe/Berlin', '--holidays', file('days.ics')))
  expect(await errorOf('--timezone', 'Europe/Berlin', '--holidays', '2026-10-30')).toBe(others[1])
  // It was a working day like others, so a holiday that it was not raises the error.
  expect(others[1]).toBeGreaterThan(inBerlin)
  expect(new Set([inBerlin, ...others]).size).toBe(3)
})

test.each([
  [['--timezone', 'Mars/Olympus'], '--timezone', 'expected a time zone such as Europe/Berlin'],
  [['--holidays', '2026-13-01'], '--holidays', 'expected a date such as 2026-12-25'],
  [['--holidays', 'EMPTY'], '--holidays', 'it has none'],
  [['--holidays', 'missing.ics'], '--holidays', 'missing.ics cannot be read'],
  [['--shifts', 'early'], '--shifts', 'expected shifts such as early=mon-fri/06:00'],
  [['--shifts', 'early=mod-fri/06:00'], '--shifts', 'Invalid option'],
  [['--shifts', 'a=06:00,b=05:00,c=04:00'], '--shifts', 'in the order of their beginnings'],
])('%s is refused by its option', async (args, option, text) => {
  const given = args.map((arg) => (arg === 'EMPTY' ? file('empty.ics') : arg))
  const { exitCode, err } = await run('replay', file('load.csv'), ...given)
  expect(exitCode).toBe(2)
  expect(err).toContain(option)
  expect(err).toContain(text)
})
