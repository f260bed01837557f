import { describe, expect, test } from 'vitest'
import { judge } from '../run/judge.mjs'
import { reportPage } from './page.mjs'
import { cellText, tableText } from './table-text.mjs'
import { traceOf } from './trace.mjs'

const rows = 4000
const values = new Float64Array(rows).fill(1)
values[1234] = 9
values.fill(5, 3000, 3010)
values[3000] = Number.NaN
const score = new Float64Array(rows)
score[1240] = 0.75
const alarm = new Uint8Array(rows).fill(1, 1240, 1245)
const scored = { score, alarm, instrument: new Uint8Array(rows) }
const series = {
  name: 'a </script> & b',
  timeMs: Float64Array.from({ length: rows }, (_, row) => Date.UTC(2024, 0, 1) + row * 60_000),
  values,
  windows: [[1230, 1250]] as [number, number][],
}
const bytes = (text: string): Buffer => Buffer.from(text, 'base64')

describe('the report', () => {
  test('condenses a series to columns without losing a spike, or a score, and leaves missing values out', () => {
    const trace = traceOf(series, scored)
    expect(trace).toMatchObject({ columns: 400, rows, low: 1, high: 9, alarms: [[1240, 1244]], instrument: [] })
    const [lowHigh, scores] = [bytes(trace.values), bytes(trace.scores)]
    expect([lowHigh[2 * 123], lowHigh[2 * 123 + 1]]).toEqual([0, 255])
    expect([lowHigh[2 * 300], lowHigh[2 * 300 + 1]]).toEqual([128, 128])
    expect(scores[124]).toBe(Math.round(255 * 0.75))
    expect(scores.filter((one) => one > 0)).toHaveLength(1)
  })

  test('holds every drawn series in one script that its names cannot end, and asks for nothing from elsewhere', () => {
    const judged = [judge('bench', series, scored, { isDrawn: true }), judge('bench', series, scored)]
    const page = reportPage('<title>', [], [{ title: 'T', head: ['a'], rows: [['<b>']] }], judged)
    const data = /<script id="data" type="application\/json">(.*?)<\/script>/s.exec(page)?.[1] ?? ''
    const drawn = JSON.parse(data) as { name: string; found: number; windows: unknown }[]
    expect(drawn).toHaveLength(1)
    expect(drawn[0]).toMatchObject({ name: series.name, found: 1, windows: [[1230, 1250]] })
    expect(page).toContain('&lt;title&gt;')
    expect(page).toContain('<td>&lt;b&gt;</td>')
    expect(page).not.toMatch(/(src|href)="(https?:)?\/\//)
  })

  test('writes numbers with the digits that count', () => {
    expect([0, 12, 0.12345, 1234.56, Number.NaN, Number.POSITIVE_INFINITY, 'x'].map(cellText)).toEqual([
      '0',
      '12',
      '0.123',
      '1234.6',
      '–',
      'none',
      'x',
    ])
    expect(tableText({ title: 'T', head: ['', 'n'], rows: [['long', 1]] })).toBe('T\n        n\n  long  1\n')
  })
})
