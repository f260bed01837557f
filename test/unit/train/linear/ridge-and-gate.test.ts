import { describe, expect, test } from 'vitest'
import { createPrng } from '../../../../src/base/prng.ts'
import { type Prepared, prepare } from '../../../../src/train/data/prepare.ts'
import { linearSaid, ridgeOf } from '../../../../src/train/linear/fit-ridge.ts'
import { type Corrected, gatesOf } from '../../../../src/train/linear/gate.ts'
import { gateReport } from '../../../../src/train/linear/gate-report.ts'
import { historyOf } from '../data/series.ts'

const rows = 900
const plan = { lags: 3, contextLags: [1], averages: [0.1], penalty: 1e-3, horizons: 2 }

/** x[t+1] = 0.7·x[t] + 0.5·c[t] + noise, with a command c of 0 and 1 that stays for a while. */
function driven(noise: number, change: { readonly gapAt?: number } = {}): Prepared {
  const random = createPrng(5)
  const x = new Float64Array(rows)
  const c = new Float64Array(rows)
  for (let t = 1; t < rows; t++) {
    c[t] = random.uniform() < 0.1 ? 1 - c[t - 1]! : c[t - 1]!
    x[t] = 0.7 * x[t - 1]! + 0.5 * c[t - 1]! + noise * random.normal()
  }
  const both = historyOf([x, c])
  if (change.gapAt !== undefined) both.gapBefore[change.gapAt] = 1
  const history = { ...both, channels: ['c0'], context: ['c1'] }
  const split = { train: { from: 0, to: 600 }, validation: { from: 600, to: rows }, test: { from: rows, to: rows } }
  return prepare(history, split, { scaler: 'none', calendar: [], inputClip: 8 })
}

/** A network that says `share` of what the ridge leaves and noise of its own. */
function correctedBy(share: number, noise: number): Corrected {
  const prepared = driven(0.1)
  const linear = linearSaid(ridgeOf([prepared], plan), prepared)
  const random = createPrng(9)
  const network = linear.said.map((said, at) => {
    const later = prepared.scaled[Math.floor(at / 2) + 1 + (at % 2)] ?? 0
    return (share * (later - said)) / linear.part.scale[at % 2]! + noise * random.normal()
  })
  return { prepared, linear, network, held: prepared.split.validation }
}

describe('ridgeOf()', () => {
  test('finds what made the series: the value before, and the command', () => {
    const { weights, scale } = ridgeOf([driven(0.01)], plan)
    const [one, last, , , now] = weights
    expect(one).toBeCloseTo(0, 2)
    expect(last).toBeCloseTo(0.7, 1)
    expect(now).toBeCloseTo(0.5, 1)
    // Ridge leaves the noise: 0.01 one step ahead, which is the floor.
    expect(scale[0]).toBeCloseTo(0.01, 2)
  })

  test('looks at the training part alone, and at no row whose lags or targets cross a gap', () => {
    const clean = ridgeOf([driven(0.1)], plan)
    const later = driven(0.1)
    later.scaled.fill(99, 600)
    later.inputs.fill(8, 2 * 600)
    expect(ridgeOf([later], plan)).toEqual(clean)
    const torn = driven(0.1, { gapAt: 300 })
    for (let row = 298; row < 302; row++) torn.scaled[row] = row < 300 ? torn.scaled[row]! : Number.NaN
    expect(ridgeOf([torn], plan).weights).not.toEqual(clean.weights)
    expect(ridgeOf([torn], plan).weights[1]).toBeCloseTo(0.7, 1)
  })

  test('refuses a history with fewer rows than features', () => {
    const short = driven(0.1)
    const few = { ...short, split: { ...short.split, train: { from: 0, to: 10 } } }
    expect(() => ridgeOf([few], plan)).toThrow(/pump: 6 rows of the training part have 3 rows before and 2 after/)
  })
})

describe('gatesOf()', () => {
  test('opens as far as the network is right', () => {
    expect([...gatesOf([correctedBy(1, 0)])]).toEqual([1, 1])
    // Twice too large: half of it is right.
    for (const gate of gatesOf([correctedBy(2, 0)])) expect(gate).toBeCloseTo(0.5, 6)
  })

  test('is closed for a network of noise, and for one that is wrong', () => {
    expect([...gatesOf([correctedBy(0, 1)])]).toEqual([0, 0])
    expect([...gatesOf([correctedBy(-1, 0)])]).toEqual([0, 0])
  })
})

describe('gateReport()', () => {
  test('puts the errors beside each other, and says what the network brings', () => {
    const corrected = [correctedBy(0.5, 0)]
    const { errors, heldRows, verdict } = gateReport(corrected, gatesOf(corrected))
    expect(heldRows).toBe(300)
    for (const { persistence, linear, corrected: both, gate } of errors) {
      expect(linear).toBeLessThan(persistence)
      // Doubled by its gate, which is cut at 1: half of the error is left.
      expect(both).toBeCloseTo(linear / 2, 6)
      expect(gate).toBe(1)
    }
    expect(verdict).toBe(
      'The network lowers the error 1 step ahead by 50 % and lowers the error 2 steps ahead by 50 %.',
    )
  })

  test('says plainly when the linear model is enough', () => {
    const corrected = [correctedBy(0, 1)]
    const { errors, verdict } = gateReport(corrected, gatesOf(corrected))
    expect(verdict).toMatch(
      /^The linear model is enough: on held-back rows no correction lowers its error, and the network is left out/,
    )
    expect(errors.every(({ gate }) => gate === 0)).toBe(true)
  })
})
