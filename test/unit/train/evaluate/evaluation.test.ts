import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../../../src/base/errors.ts'
import { createPrng } from '../../../../src/base/prng.ts'
import { baselinesFor } from '../../../../src/train/evaluate/baselines.ts'
import { type EvaluationParts, evaluate } from '../../../../src/train/evaluate/evaluation.ts'
import {
  type EvaluationTable,
  judgementAt,
  type PredictorRow,
} from '../../../../src/train/evaluate/evaluation-table.ts'
import { evaluationText } from '../../../../src/train/evaluate/evaluation-text.ts'
import type { Predictor } from '../../../../src/train/evaluate/predictor.ts'
import type { Series } from '../../../../src/train/evaluate/series.ts'
import { cumulated, gapsAt, seriesOf, simulate } from './simulated-series.ts'

const rows = 600
const truth = seriesOf(simulate({ seed: 51, rows, ar: [0.8], mean: 20 }), { fitRows: 300 })

/** Says every value to come, but for an error of this size. */
function oracle(name: string, error: number, horizons: number, of: Series = truth, seed = 9): Predictor {
  const prng = createPrng(seed)
  const expected = new Float64Array(of.values.length * horizons).fill(Number.NaN)
  for (let row = 0; row < of.values.length; row++) {
    for (let h = 1; h <= horizons; h++) {
      if (row + h < of.values.length) expected[row * horizons + h - 1] = of.values[row + h]! + error * prng.normal()
    }
  }
  return { name, expected }
}

function table(
  predictors: readonly Predictor[],
  horizons: number,
  more: Partial<EvaluationParts> = {},
): EvaluationTable {
  return evaluate({ truth, predictors, horizons, range: { from: 300, to: rows }, seed: 1, resamples: 300, ...more })
}

function rowOf({ rows: all }: EvaluationTable, name: string): PredictorRow {
  return all.find((row) => row.name === name)!
}

describe('evaluate()', () => {
  it('judges a prediction against the row that it speaks of', () => {
    const small = seriesOf([10, 11, 13, 16, 20], { fitRows: 3 })
    const said = Float64Array.of(11, 13, 14, 17, 15, 22, 20, 0, 0, 0)
    const { rows: all, scale } = evaluate({
      truth: small,
      predictors: [{ name: 'model', expected: said }],
      horizons: 2,
      range: { from: 2, to: 5 },
      seed: 1,
    })
    // Of rows 2, 3 and 4: one ahead 14, 15, 20, two ahead 13, 17, 22; the changes of the fit rows are 1 and 2.
    const [one, two, both] = all[0]!.judgements
    expect(one).toMatchObject({ horizon: 1, n: 3, mse: 2 / 3, mae: { value: 2 / 3 }, mase: 2 / 3 / 1.5 })
    expect(two).toMatchObject({ horizon: 2, n: 3, mse: 5 / 3, mae: { value: 1 }, rmse: { value: Math.sqrt(5 / 3) } })
    expect(both).toMatchObject({ horizon: 'all', n: 3, mae: { value: 2.5 / 3 }, absolute: null, squared: null })
    expect(both!.mse).toBeCloseTo(7 / 6, 14)
    expect(scale).toEqual({ by: 'naive', value: 1.5 })
  })
  it('judges all on the rows that all predicted', () => {
    const model = oracle('model', 1, 1)
    const holed = { name: 'holed', expected: model.expected.map((value, row) => (row % 3 === 0 ? Number.NaN : value)) }
    const seen = table([model, holed], 1)
    expect(seen.rows.map((row) => row.judgements[0]!.n)).toEqual([200, 200])
    expect(seen.rows[0]!.judgements[0]!.mae).toEqual(seen.rows[1]!.judgements[0]!.mae)
    expect(seen.rows[1]!.judgements[0]!.absolute).toEqual({ value: 0, low: 0, high: 0, verdict: 'no clear difference' })
  })
  it('does not judge what is said across a gap', () => {
    const broken = { ...truth, gapBefore: gapsAt(rows, 400) }
    const seen = table([oracle('model', 1, 3)], 3, { truth: broken })
    // One, two and three rows behind the gap have no prediction from before it.
    expect(seen.rows[0]!.judgements.map(({ n }) => n)).toEqual([299, 298, 297, 297])
  })
  it('leaves out missing truths', () => {
    const values = truth.values.map((value, row) => (row >= 500 && row < 510 ? Number.NaN : value))
    const model = oracle('model', 1, 1)
    expect(table([model], 1, { truth: { ...truth, values } }).rows[0]!.judgements[0]!.n).toBe(290)
  })
  it('does not compare a method that says too little, and tells so', () => {
    const model = oracle('model', 1, 1)
    const silent = {
      name: 'silent',
      expected: model.expected.map((value, row) => (row % 3 === 0 ? value : Number.NaN)),
    }
    const seen = table([model, silent, oracle('worse', 2, 1, truth, 4)], 1)
    expect(rowOf(seen, 'silent')).toMatchObject({ isCompared: false })
    expect(rowOf(seen, 'silent').judgements[0]).toMatchObject({ horizon: 1, n: 0, mse: null, absolute: null })
    expect(rowOf(seen, 'model').judgements[0]!.n).toBe(300)
    expect(seen.notes).toEqual([
      'silent is not compared: it predicted less than half of the rows that the model predicted.',
    ])
  })
  it('measures distributions where there are some', () => {
    const model = oracle('model', 1, 1)
    const plus = (by: number): Float64Array => model.expected.map((value) => value + by)
    const gaussian: Predictor = { ...model, name: 'gaussian', deviation: new Float64Array(rows).fill(1) }
    const levels: Predictor = {
      ...model,
      name: 'levels',
      quantiles: new Map([
        [0.95, plus(1.645)],
        [0.5, model.expected],
        [0.05, plus(-1.645)],
      ]),
    }
    const band: Predictor = { ...model, name: 'band', band: { lower: plus(-9), upper: plus(9), level: 0.99 } }
    const seen = table([model, gaussian, levels, band], 1)
    const [plain, first, second, third] = seen.rows.map((row) => row.judgements[0]!)
    expect(plain).toMatchObject({ crps: null, pinball: null, coverage: null, width: null, bandLevel: null })
    // 300 rows scatter by 1.3 % around 95 %, by 1.7 % around 90 %; these are three of it.
    expect(Math.abs(first!.coverage! - 0.95)).toBeLessThan(0.04)
    expect(first).toMatchObject({ pinball: null, bandLevel: 0.95 })
    expect(first!.width).toBeCloseTo(2 * 1.959963984540054, 10)
    // A right normal forecast has a CRPS of sd/√π; single rows scatter by about 0.4, 300 of them by 0.024.
    expect(Math.abs(first!.crps! - 1 / Math.sqrt(Math.PI))).toBeLessThan(0.075)
    expect(Math.abs(second!.coverage! - 0.9)).toBeLessThan(0.055)
    expect(second!.crps).toBeCloseTo(2 * second!.pinball!, 12)
    expect(second!.bandLevel).toBeCloseTo(0.9, 12)
    expect(third).toMatchObject({ coverage: 1, bandLevel: 0.99 })
    expect(third!.width).toBeCloseTo(18, 10)
  })
  it('scales by the season where there is one', () => {
    expect(table([oracle('model', 1, 1)], 1, { truth: { ...truth, season: 24 } }).scale.by).toBe('seasonal naive')
  })
  it('is plain JSON without a NaN, whatever was judged', () => {
    const nothing = { name: 'model', expected: new Float64Array(rows * 2).fill(Number.NaN) }
    const flat = seriesOf(new Float64Array(rows).fill(3), { fitRows: 300 })
    for (const seen of [
      table([nothing, oracle('other', 1, 2)], 2),
      table([oracle('model', 1, 2), nothing], 2, { truth: flat }),
      table([oracle('model', 1, 2)], 2, { range: { from: 599, to: 600 } }),
    ]) {
      expect(JSON.parse(JSON.stringify(seen))).toEqual(seen)
    }
  })
  it('repeats itself for a seed', () => {
    const predictors = [oracle('model', 1, 2), oracle('other', 1.1, 2, truth, 4)]
    expect(table(predictors, 2)).toEqual(table(predictors, 2))
  })
  it('refuses rows that there are not, and shapes that do not fit', () => {
    const model = oracle('model', 1, 1)
    for (const range of [
      { from: -1, to: 5 },
      { from: 5, to: 601 },
      { from: 5, to: 5 },
    ]) {
      expect(() => table([model], 1, { range })).toThrow(ConfigurationError)
    }
    expect(() => table([model], 2)).toThrow('600 × 2')
    expect(() => table([], 1)).toThrow('needs a model')
  })
})

describe('the finding of evaluate()', () => {
  it('says it plainly when the model loses', () => {
    const model = oracle('LSTM', 2, 2)
    const seen = table(
      [model, oracle('AR', 1, 2, truth, 4), oracle('ridge', 1.1, 2, truth, 5), oracle('naive', 4, 2)],
      2,
    )
    expect(seen.sentence).toMatch(
      /^LSTM loses to a simple method: AR beats it over horizons 1 to 2, with a mean absolute error of [\d.]+ against [\d.]+\. ridge beats it, too\.$/,
    )
    expect(judgementAt(rowOf(seen, 'AR'), 'all')!.absolute).toMatchObject({ verdict: 'better' })
    expect(judgementAt(rowOf(seen, 'naive'), 'all')!.absolute).toMatchObject({ verdict: 'worse' })
    expect(judgementAt(rowOf(seen, 'AR'), 'all')!.absolute!.high).toBeLessThan(0)
  })
  it('says it when no simple method beats the model, and which cannot be told from it', () => {
    const model = oracle('GRU', 1, 1)
    const worse = oracle('naive', 3, 1, truth, 4)
    expect(table([model, worse], 1).sentence).toMatch(
      /^No simple method beats GRU one row ahead: all are worse \(mean absolute error [\d.]+, naive as the best of them [\d.]+\)\.$/,
    )
    const equal = table([model, worse, oracle('AR', 1, 1, truth, 6)], 1).sentence
    expect(equal).toContain('No simple method clearly beats GRU')
    expect(equal).toContain('AR cannot be told from it.')
  })
  it('names single horizons, and squared errors, at which a method wins', () => {
    const model = oracle('GRU', 1, 2)
    const early = oracle('AR', 0.2, 2, truth, 4)
    const late = oracle('x', 4, 2, truth, 5)
    const mixed = {
      name: 'AR',
      expected: early.expected.map((value, at) => (at % 2 === 0 ? value : late.expected[at]!)),
    }
    expect(table([model, mixed], 2).sentence).toMatch(/all are worse.* At horizon 1 AR beats it\.$/)
    const far = {
      name: 'far',
      expected: oracle('far', 0.2, 5, truth, 4).expected.map((value, at) => (at % 5 < 1 ? value + 30 : value)),
    }
    const text = table([oracle('GRU', 1, 5), far, { ...far, name: 'too' }], 5).sentence
    expect(text).toContain('At horizons 2 to 5 far and too beat it.')
    // Nine rows of ten are right and one is five off; the other is always 0.6 off.
    const spiky = truth.values.map((_, row) =>
      row + 1 < rows ? truth.values[row + 1]! + (row % 10 === 0 ? 5 : 0.01) : 0,
    )
    const even = truth.values.map((_, row) => (row + 1 < rows ? truth.values[row + 1]! + 0.6 : 0))
    expect(
      table(
        [
          { name: 'GRU', expected: spiky },
          { name: 'even', expected: even },
        ],
        1,
      ).sentence,
    ).toContain('By squared error, which weighs large misses, even beats it.')
  })
  it('says it when nothing can be judged, or the model stands alone', () => {
    const nothing = { name: 'GRU', expected: new Float64Array(rows).fill(Number.NaN) }
    expect(table([nothing, oracle('AR', 1, 1)], 1).sentence).toContain('Nothing could be judged')
    expect(table([oracle('GRU', 1, 1), nothing], 1).sentence).toContain('judged alone')
  })
  it('sees a mean-reverting model lose to the naive forecast on a random walk', () => {
    const walk = seriesOf(cumulated(simulate({ seed: 61, rows: 1200 })), { fitRows: 600 })
    const predictors = baselinesFor(walk).map((baseline) => ({
      name: baseline.name,
      expected: baseline.predict(walk, 2),
    }))
    let mean = 0
    for (let row = 0; row < 600; row++) mean += walk.values[row]! / 600
    const reverting = Float64Array.from({ length: 2400 }, (_, at) => {
      const now = walk.values[Math.floor(at / 2)]!
      return now + 0.3 * (mean - now)
    })
    const parts = { truth: walk, horizons: 2, range: { from: 600, to: 1200 }, seed: 1, resamples: 300 }
    const seen = evaluate({ ...parts, predictors: [{ name: 'network', expected: reverting }, ...predictors] })
    expect(seen.sentence).toContain('network loses to a simple method')
    expect(judgementAt(rowOf(seen, 'naive'), 'all')!.absolute!.verdict).toBe('better')
  })
})

describe('evaluationText()', () => {
  const predictors = [oracle('model', 1, 3), oracle('AR', 2, 3, truth, 4)]

  it('begins with the finding and has a table for all horizons, the first and the last', () => {
    const text = evaluationText(table(predictors, 3))
    expect(text.startsWith('No simple method beats model')).toBe(true)
    expect(text.match(/^(Horizons 1 to 3|1 row ahead|3 rows ahead)$/gm)).toHaveLength(3)
    expect(evaluationText(table(predictors, 3), [2])).toContain('\n2 rows ahead\n')
  })
  it('has columns in line, none of which is empty, and no line that ends with blanks', () => {
    const text = evaluationText(table(predictors, 3))
    const [head, ...lines] = text.split('\n\n')[1]!.split('\n').slice(1)
    expect(head).toMatch(/^method +n +MAE +RMSE +MASE +sMAPE % +than the model$/)
    expect(lines).toHaveLength(2)
    // Numbers end where their head ends.
    for (const name of [' n', 'MAE', 'RMSE', 'MASE', 'sMAPE %']) {
      const end = head!.indexOf(name) + name.length
      for (const line of lines) expect(line.slice(end - 1, end + 1)).toMatch(/^[\d\]] $|^[\d\]]$/)
    }
    expect(lines[1]).toMatch(/worse, [\d.]+ \[[\d.]+, [\d.]+\]$/)
    expect(text).not.toMatch(/ $/m)
    expect(text).not.toContain('NaN')
  })
  it('has the columns of a distribution where there is one, and notes', () => {
    const gaussian = { ...predictors[0]!, deviation: new Float64Array(rows * 3).fill(1) }
    const silent = { name: 'silent', expected: new Float64Array(rows * 3).fill(Number.NaN) }
    const text = evaluationText(table([gaussian, predictors[1]!, silent], 3))
    expect(text).toMatch(/CRPS +in band % +promised % +width/)
    expect(text).toContain('silent is not compared')
    expect(text).toMatch(/^silent +0 +–/m)
  })
  it('has one table for one horizon', () => {
    expect(evaluationText(table([oracle('model', 1, 1)], 1)).match(/^1 row ahead$/gm)).toHaveLength(1)
  })
})
