import { type Baseline, emptyForecasts } from '../series.ts'
import { forecastArma } from './arma-forecast.ts'
import { chooseArma } from './arma-order.ts'

/**
 * A moving-average model of order 0 to 5 by AIC, of the series or of its differences, as `chooseArma` decides.
 *
 * Beyond its order it says the mean, or with differences the last level. Missing values and gaps are taken as
 * `forecastArma` says.
 */
export const ma: Baseline = {
  name: 'MA',
  summary: 'a moving average of past errors, order by AIC, differences where they predict better',
  predict(series, horizons) {
    const model = chooseArma(series, horizons, { ar: 0, ma: 5 })
    return model === null ? emptyForecasts(series, horizons) : forecastArma(model, series, horizons)
  },
}
