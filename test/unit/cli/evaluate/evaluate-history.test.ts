import { expect, test } from 'vitest'
import { evaluateHistory } from '../../../../src/cli/evaluate/evaluate-history.ts'
import { loadModelFiles } from '../../../../src/cli/model-files.ts'
import { judgementAt } from '../../../../src/train/evaluate/evaluation-table.ts'

const rows = 900
const gapRow = 850

function judgeWave(gapBefore: Uint8Array) {
  const timeMs = Float64Array.from({ length: rows }, (_, row) => row * 60_000)
  const values = Float64Array.from(timeMs, (_, row) => 40 + 5 * Math.sin(row / 9) + ((row * 7919) % 13) / 10)
  const history = { name: 'x', channels: ['x'], context: [], timeMs, values, gapBefore, stepMs: 60_000 }
  const settings = { test: 0.2, horizons: 6, by: null, window: 64, seed: 1 }
  return evaluateHistory(loadModelFiles('base'), history, settings)[0]!
}

const meanError = (truth: Float64Array, expected: Float64Array): number =>
  truth.reduce((sum, value, row) => sum + Math.abs(value - expected[row]!), 0) / truth.length

test('the picture of the last step ahead shows what the table judges', () => {
  const { pictures, table } = judgeWave(new Uint8Array(rows))
  expect(pictures.map(({ steps }) => steps)).toEqual([1, 6])
  const { timeMs, truth, expected } = pictures[1]!
  expect(timeMs[0]).toBe(0.8 * rows * 60_000)
  expect(meanError(truth, expected)).toBeCloseTo(judgementAt(table.rows[0]!, 6)!.mae.value!, 9)
})

test('no forecast is drawn over a gap', () => {
  const { pictures } = judgeWave(Uint8Array.from({ length: rows }, (_, row) => Number(row === gapRow)))
  const missing = ({ timeMs, expected }: (typeof pictures)[number]): number[] =>
    [...timeMs].map((time) => time / 60_000).filter((_, at) => Number.isNaN(expected[at]!))
  expect(missing(pictures[0]!)).toEqual([850])
  expect(missing(pictures[1]!)).toEqual([850, 851, 852, 853, 854, 855])
})
