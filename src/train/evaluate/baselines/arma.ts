import { type Baseline, emptyForecasts } from '../series.ts'
import { forecastArma } from './arma-forecast.ts'
import { chooseArma } from './arma-order.ts'

/**
 * An ARMA model with both orders from 0 to 3 by AIC, of the series or of its differences, as `chooseArma` decides.
 *
 * Missing values and gaps are taken as `forecastArma` says.
 */
export const arma: Baseline = {
  name: 'ARMA',
  summary: 'autoregression and moving average, orders by AIC, differences where they predict better',
  predict(series, horizons) {
    const model = chooseArma(series, horizons, { ar: 3, ma: 3 })
    return model === null ? emptyForecasts(series, horizons) : forecastArma(model, series, horizons)
  },
}
