import { describe, expect, it } from 'vitest'
import { fitAr } from '../../../../../src/train/evaluate/baselines/ar.ts'
import { fitArmaCss } from '../../../../../src/train/evaluate/baselines/arma-fit.ts'
import { forecastArma } from '../../../../../src/train/evaluate/baselines/arma-forecast.ts'
import { chooseArma, fitArma } from '../../../../../src/train/evaluate/baselines/arma-order.ts'
import { isStable, stabilised } from '../../../../../src/train/evaluate/baselines/stability.ts'
import { cumulated, gapsAt, seriesOf, simulate } from '../simulated-series.ts'

/*
 * The numbers named "statsmodels" were written by statsmodels 0.15.0 with numpy 2.4.6 on Python 3.11, from the series of
 * `simulate`, whose bits are the same there (first, last and sum are compared below). With x the series:
 *   AutoReg(x, 2, trend='c').fit()                       .params, .resid, .predict(2000, 2003)
 *   AutoReg(x, p, trend='c', hold_back=4).fit()          .resid, p = 1…4
 *   ARIMA(x, order=(p, d, q), trend='c' or none).fit()   .params, exact maximum likelihood
 *   ARIMA(x, order=…).smooth(parameters).forecast(4)     the Kalman filter with given parameters
 * Those named "scipy" are scipy 1.17.1's least_squares(errors, [0.1, …], xtol=ftol=gtol=1e-15) of the recursion
 * e(t) = w(t) − Σ ar·w(t−i) − Σ ma·e(t−j) from t = p on, w being x less its mean, or numpy.diff(x).
 */
const ar2 = simulate({ seed: 1, rows: 2000, ar: [0.6, -0.3], mean: 5 })
const ma1 = simulate({ seed: 2, rows: 2000, ma: [0.5], mean: 5 })
const arma21 = simulate({ seed: 3, rows: 2000, ar: [0.75, -0.25], ma: [0.65], mean: 5 })
const arima211 = cumulated(arma21.map((value) => value - 5))

/** The forecasts from the last row. */
function fromLastRow(forecasts: Float64Array, horizons: number): number[] {
  return [...forecasts.subarray(forecasts.length - horizons)]
}

function expectClose(actual: ArrayLike<number>, expected: readonly number[], digits: number): void {
  expect(actual).toHaveLength(expected.length)
  expected.forEach((value, k) => {
    expect(actual[k]).toBeCloseTo(value, digits)
  })
}

const centred = (values: Float64Array): Float64Array => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return values.map((value) => value - mean)
}

describe('simulate()', () => {
  it('gives the series that statsmodels was fed', () => {
    const ends = (x: Float64Array): number[] => [x[0]!, x.at(-1)!, x.reduce((sum, value) => sum + value, 0)]
    // Sums are added in another order there.
    expectClose(ends(ar2), [3.93569832011471, 7.069625478793191, 10039.603106370585], 8)
    expectClose(ends(ma1), [4.409723159116563, 6.351350456639822, 10045.87736450782], 8)
    expectClose(ends(arma21), [5.444550666897635, 8.435627296086583, 10053.350499349814], 8)
  })
})

describe('fitAr()', () => {
  it('gives the coefficients and forecasts of AutoReg', () => {
    const model = fitAr(seriesOf(ar2), 2)!
    // The same least-squares problem, solved by Cholesky here and by a pseudo-inverse there.
    expectClose([model.intercept, ...model.ar], [3.304570131028892, 0.6059299860785815, -0.2643826002228594], 9)
    expectClose(
      fromLastRow(forecastArma(model, seriesOf(ar2), 4), 4),
      [5.461004009049483, 4.744470247522202, 4.7355924823203015, 4.919652237195155],
      9,
    )
  })
  it('chooses the order by AIC on the rows that all orders can use', () => {
    // AutoReg's residuals: 2104.95, 1957.82, 1956.97, 1956.21 for orders 1 to 4 on the same rows: order 2 by AIC.
    expect(fitAr(seriesOf(ar2))!.ar).toHaveLength(2)
    // AIC takes a lag too many for about three noises of ten, however long they are (Shibata 1976).
    const orders = Array.from(
      { length: 20 },
      (_, k) => fitAr(seriesOf(simulate({ seed: 100 + k, rows: 500 })))!.ar.length,
    )
    expect(orders.filter((order) => order === 0).length).toBeGreaterThanOrEqual(10)
  })
  it('reads the fit rows only', () => {
    const spoilt = ar2.map((value, row) => (row < 1500 ? value : 1e6))
    expect(fitAr(seriesOf(spoilt, { fitRows: 1500 }))).toEqual(fitAr(seriesOf(ar2, { fitRows: 1500 })))
  })
  it('fits across missing values and gaps by leaving out the rows that reach over them', () => {
    const holed = ar2.map((value, row) => (row % 40 === 39 ? Number.NaN : value))
    const model = fitAr(seriesOf(holed, { gapBefore: gapsAt(2000, 1010) }), 2)!
    // Nine tenths of the rows are left; three standard errors of AutoReg's coefficients are 0.065.
    expect(Math.abs(model.ar[0]! - 0.6059)).toBeLessThan(0.065)
    expect(Math.abs(model.ar[1]! + 0.2644)).toBeLessThan(0.065)
  })
  it('holds what would explode inside the unit circle', () => {
    const growing = Float64Array.from({ length: 60 }, (_, row) => 1.1 ** row)
    const model = fitAr(seriesOf(growing), 1)!
    expect(isStable(model.ar)).toBe(true)
    expect(model.ar[0]).toBeGreaterThan(0.99)
  })
  it('says the constant of a constant series, and nothing of too short a one', () => {
    const flat = fitAr(seriesOf(new Float64Array(100).fill(7)))!
    expect(flat).toMatchObject({ intercept: 7 })
    expect(flat.ar).toHaveLength(0)
    expect(fitAr(seriesOf([1, 2]))).toBeNull()
    expect(fitAr(seriesOf([Number.NaN, Number.NaN]))).toBeNull()
  })
})

describe('fitArmaCss()', () => {
  const differences = arima211.subarray(1).map((value, t) => value - arima211[t]!)

  it('gives the least conditional squared error, as scipy finds it from other start values', () => {
    const ma = fitArmaCss([centred(ma1)], 0, 1)!
    // At the minimum a step with a gain of 1e-12 is 1e-6 standard errors of 0.02 long; scipy stops as near.
    expectClose(ma.ma, [0.5190573482380239], 6)
    expectClose([ma.squaredError], [2105.066335302997], 6)
    const arma = fitArmaCss([centred(arma21)], 2, 1)!
    expectClose([...arma.ar, ...arma.ma], [0.7638697053734389, -0.2426040223505017, 0.6235890640196909], 6)
    expectClose([arma.squaredError], [1960.747754671186], 6)
    const arima = fitArmaCss([differences], 2, 1)!
    expectClose([...arima.ar, ...arima.ma], [0.7650956655618529, -0.2436405648963167, 0.6222149225650445], 6)
    expectClose([arima.squaredError], [1961.416338240118], 6)
  })
  it('comes within a tenth of a standard error of the exact likelihood of statsmodels', () => {
    // Conditional and exact likelihood differ by what the first rows weigh, one part in 2,000. The standard errors are
    // those that statsmodels gives: 0.019 for the MA(1), 0.029, 0.028 and 0.025 for the others.
    const near = (fitted: number, exact: number, error: number): void => {
      expect(Math.abs(fitted - exact)).toBeLessThan(error / 10)
    }
    near(fitArmaCss([centred(ma1)], 0, 1)!.ma[0]!, 0.5188694575730973, 0.019)
    const arma = fitArmaCss([centred(arma21)], 2, 1)!
    near(arma.ar[0]!, 0.7635267485734472, 0.029)
    near(arma.ar[1]!, -0.2423776847318391, 0.028)
    near(arma.ma[0]!, 0.623258494282118, 0.025)
    const arima = fitArmaCss([differences], 2, 1)!
    near(arima.ar[0]!, 0.7635084331967158, 0.029)
    near(arima.ar[1]!, -0.24227212850963117, 0.028)
    near(arima.ma[0]!, 0.6233342107979265, 0.025)
  })
  it('stands at a minimum: no coefficient can be moved either way with less error', () => {
    const fit = fitArmaCss([centred(arma21)], 2, 1)!
    const w = centred(arma21)
    const errorOf = (a: number, b: number, c: number): number => {
      const e = new Float64Array(w.length)
      let sum = 0
      for (let t = 2; t < w.length; t++) {
        e[t] = w[t]! - a * w[t - 1]! - b * w[t - 2]! - c * e[t - 1]!
        sum += e[t]! ** 2
      }
      return sum
    }
    const [a, b, c] = [fit.ar[0]!, fit.ar[1]!, fit.ma[0]!]
    expect(errorOf(a, b, c)).toBeCloseTo(fit.squaredError, 8)
    for (const d of [-1e-3, 1e-3]) {
      expect(errorOf(a + d, b, c)).toBeGreaterThan(fit.squaredError)
      expect(errorOf(a, b + d, c)).toBeGreaterThan(fit.squaredError)
      expect(errorOf(a, b, c + d)).toBeGreaterThan(fit.squaredError)
    }
  })
  it('stays invertible where the series was differenced once too often', () => {
    const noise = simulate({ seed: 5, rows: 500 })
    const fit = fitArmaCss([noise.subarray(1).map((value, t) => value - noise[t]!)], 0, 1)!
    expect(fit.ma[0]).toBeLessThan(-0.9)
    expect(fit.ma[0]).toBeGreaterThan(-1)
  })
  it('gives nothing for too few rows', () => {
    expect(fitArmaCss([Float64Array.of(1, 2, 3)], 2, 1)).toBeNull()
    expect(fitArmaCss([], 0, 0)).toBeNull()
  })
})

describe('forecastArma()', () => {
  const none = new Float64Array(0)
  // With given parameters the Kalman filter has forgotten its start after 2,000 rows.
  it('gives the forecasts of statsmodels for given parameters', () => {
    const ma = { differences: 0, intercept: 5, ar: none, ma: Float64Array.of(0.5) } as const
    expectClose(fromLastRow(forecastArma(ma, seriesOf(ma1), 4), 4), [5.4203553476465665, 5, 5, 5], 9)
    const coefficients = { ar: Float64Array.of(0.75, -0.25), ma: Float64Array.of(0.65) }
    const arma = { differences: 0, intercept: 2.5, ...coefficients } as const
    expectClose(
      fromLastRow(forecastArma(arma, seriesOf(arma21), 4), 4),
      [7.916236090129596, 6.328270243575551, 5.267143660149264, 4.86829018421806],
      9,
    )
  })
  it('adds up forecast differences, as statsmodels does', () => {
    const coefficients = { ar: Float64Array.of(0.75, -0.25), ma: Float64Array.of(0.65) }
    const model = { differences: 1, intercept: 0, ...coefficients } as const
    expectClose(
      fromLastRow(forecastArma(model, seriesOf(arima211), 4), 4),
      [56.26673543988053, 57.59500568340816, 57.86214934353746, 57.73043952775252],
      6,
    )
  })
  it('puts its own forecast in the place of a missing value', () => {
    const model = { differences: 0, intercept: 0, ar: Float64Array.of(0.5), ma: none } as const
    const forecasts = forecastArma(model, seriesOf([8, Number.NaN, 10]), 2)
    expect([...forecasts]).toEqual([4, 2, 2, 1, 5, 2.5])
  })
  it('says nothing after a gap until it has seen what it looks back on', () => {
    const model = { differences: 0, intercept: 0, ar: Float64Array.of(0.5, 0.25), ma: none } as const
    const series = seriesOf([4, 8, 8, 4, 2], { gapBefore: gapsAt(5, 3) })
    expect([...forecastArma(model, series, 1)]).toEqual([Number.NaN, 5, 6, Number.NaN, 2])
    const rising = { differences: 1, intercept: 1, ar: none, ma: none } as const
    const missing = seriesOf([Number.NaN, 3, Number.NaN, 9])
    expect([...forecastArma(rising, missing, 1)]).toEqual([Number.NaN, 4, 5, 10])
  })
})

describe('chooseArma()', () => {
  it('takes differences of a random walk and none of a stationary series', () => {
    const walk = cumulated(simulate({ seed: 11, rows: 1500 }))
    expect(chooseArma(seriesOf(walk), 12, { ar: 2, ma: 2 })!.differences).toBe(1)
    expect(chooseArma(seriesOf(arma21), 12, { ar: 2, ma: 2 })!.differences).toBe(0)
  })
  it('finds no coefficients in noise, and the mean as intercept', () => {
    const model = fitArma(seriesOf(simulate({ seed: 13, rows: 1500, mean: 3 })), 0, { ar: 2, ma: 2 })!
    expect([...model.ar, ...model.ma]).toEqual([])
    // Three standard errors of the mean of 1,500 rows.
    expect(Math.abs(model.intercept - 3)).toBeLessThan(3 / Math.sqrt(1500))
  })
  it('gives nothing where there is nothing to fit on', () => {
    expect(chooseArma(seriesOf([1, 2, 3]), 1, { ar: 3, ma: 3 })).toBeNull()
    expect(chooseArma(seriesOf([Number.NaN, Number.NaN]), 1, { ar: 3, ma: 3 })).toBeNull()
  })
})

describe('isStable()', () => {
  it('knows the triangle of the second order', () => {
    expect(isStable(Float64Array.of(0.5, 0.49))).toBe(true)
    expect(isStable(Float64Array.of(0.5, 0.51))).toBe(false)
    expect(isStable(Float64Array.of(-1.2, -0.3))).toBe(true)
    expect(isStable(Float64Array.of(-1.4, -0.3))).toBe(false)
    expect(isStable(Float64Array.of(0, -1.01))).toBe(false)
  })
  it('is reached by drawing the coefficients in, and what is stable stays as it is', () => {
    const drawn = stabilised(Float64Array.of(1.5, -0.4))
    expect(isStable(drawn)).toBe(true)
    expect(isStable(drawn.map((value, i) => value / 0.999 ** (i + 1)))).toBe(false)
    expect(stabilised(Float64Array.of(0.5, 0.2))).toEqual(Float64Array.of(0.5, 0.2))
  })
})
