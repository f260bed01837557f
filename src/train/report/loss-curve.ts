import { type Chart, svgFile } from './chart.ts'
import { numberText } from './number-text.ts'
import { type LineSeries, lineChart } from './svg-line.ts'

/** The losses of one epoch; `validation` is null where none was held out. */
export interface EpochLoss {
  readonly epoch: number
  readonly train: number
  readonly validation: number | null
}

/** Losses that fall by more than this factor are shown on a logarithmic axis. */
const logFactor = 10

/** The course of a training: losses by epoch, the best epoch marked; `bestEpoch` is null where there is none. */
export function lossCurve(history: readonly EpochLoss[], bestEpoch: number | null): Chart {
  const x = history.map(({ epoch }) => epoch)
  const train: LineSeries = { name: 'training', ink: 'own', x, y: history.map((epoch) => epoch.train) }
  const validation: LineSeries = {
    name: 'validation',
    ink: 'other',
    x,
    y: history.map((epoch) => epoch.validation ?? Number.NaN),
  }
  const hasValidation = history.some((epoch) => epoch.validation !== null)
  const losses = history.flatMap((epoch) => [epoch.train, epoch.validation ?? epoch.train]).filter(Number.isFinite)
  const low = Math.min(...losses)
  const isLog = low > 0 && Math.max(...losses) / low > logFactor
  const best = history.find(({ epoch }) => epoch === bestEpoch)
  const bestLoss = best?.validation ?? best?.train
  const bestText = best === undefined ? '' : `best: epoch ${best.epoch}, loss ${numberText(bestLoss ?? null)}`
  return lineChart({
    label: `Loss by epoch${bestText === '' ? '' : `; ${bestText}`}.`,
    xTitle: 'epoch',
    yTitle: isLog ? 'loss, logarithmic' : 'loss',
    series: hasValidation ? [train, validation] : [train],
    isLog,
    empty: 'No epoch was finished.',
    ...(best === undefined ? {} : { mark: { x: best.epoch, text: bestText } }),
  })
}

/** The loss curve as an SVG file. */
export function lossCurveSvg(history: readonly EpochLoss[], bestEpoch: number | null): string {
  return svgFile(lossCurve(history, bestEpoch))
}
