import { describe, expect, test } from 'vitest'
import { nabCorpus } from '../corpora/nab.mjs'
import { bestNabScore, nabProfiles, nabScoreAt, probationRows } from './nab-score.mjs'

/** The check detector of the benchmark's description: the size of the last step by the largest of the file. */
const steps = nabCorpus().map(({ values, windows }) => {
  const size = values.map((value, row) => (row === 0 ? 0 : Math.abs(value - values[row - 1]!)))
  const largest = size.reduce((most, one) => Math.max(most, one), 0)
  return { score: size.map((one) => (largest === 0 ? 0 : one / largest)), windows }
})
const { standard, lowFalsePositives, lowFalseNegatives } = nabProfiles

describe('the NAB score', () => {
  test('gives the check values of the step detector over the 36 series', () => {
    const best = bestNabScore(steps, standard)
    expect(best.score).toBeCloseTo(13.715, 4)
    expect(best).toMatchObject({ threshold: 1, outside: 168, found: 19, windows: 56 })
    expect(bestNabScore(steps, lowFalsePositives).score).toBe(0)
    const lenient = bestNabScore(steps, lowFalseNegatives)
    expect(lenient.score).toBeCloseTo(21.628, 4)
    expect(lenient.threshold).toBeCloseTo(0.97833, 5)
  })

  test('gives the check values at threshold 0.5', () => {
    const half = nabScoreAt(steps, standard, 0.5)
    expect(half.score).toBeCloseTo(-94.3054, 4)
    expect(half).toMatchObject({ outside: 1670, found: 40 })
  })

  const windows = [[100, 149]] as const
  const detecting = (...rows: number[]): { score: Float64Array; windows: typeof windows } => {
    const score = new Float64Array(200)
    for (const row of rows) score[row] = 1
    return { score, windows }
  }

  test('is 100 for the first row of a window and falls towards its end', () => {
    const at = (row: number): number => nabScoreAt([detecting(row)], standard, 0.5).score
    expect(at(100)).toBe(100)
    expect(at(120)).toBeLessThan(100)
    expect(at(149)).toBeLessThan(at(120))
    expect(at(149)).toBeGreaterThan(50)
  })

  test('counts the best detection of a window once, and each row outside', () => {
    const once = nabScoreAt([detecting(110)], standard, 0.5)
    expect(nabScoreAt([detecting(110, 111, 140)], standard, 0.5).score).toBe(once.score)
    const before = nabScoreAt([detecting(50, 60, 110)], standard, 0.5)
    expect(before.outside).toBe(2)
    expect(before.score).toBeCloseTo(once.score - (100 * 2 * 0.11) / 2, 10)
    expect(nabScoreAt([detecting(150, 110)], standard, 0.5).score).toBeGreaterThan(before.score)
  })

  test('scores nothing in probation, and nothing at all for no detection', () => {
    expect(probationRows(200)).toBe(30)
    expect(probationRows(22_695)).toBe(750)
    expect(nabScoreAt([detecting(5, 29)], standard, 0.5)).toMatchObject({ score: 0, outside: 0, found: 0 })
    expect(nabScoreAt([detecting(30)], standard, 0.5).outside).toBe(1)
  })

  test('has no meaning without a window, and says so', () => {
    expect(() => bestNabScore([{ score: [0, 1], windows: [] }], standard)).toThrow(RangeError)
  })
})
