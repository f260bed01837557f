import { formatDuration } from '../../base/units.ts'
import { inputWidth, outputWidth } from '../../model/graph.ts'
import type { Model } from '../../model/model.ts'

/** What was imported, for a person: form, scale, period, forecast, and the convention of each recurrent module. */
export function importedText(dir: string, model: Model): string {
  const { graph, scaler, periodMs, forecast, card } = model
  const parameters = [...model.tensors.values()].reduce((sum, { data }) => sum + data.length, 0)
  const says =
    forecast === null
      ? 'none: it runs, but gives no scores (--horizons and --target make it a forecast)'
      : `${forecast.horizons} steps ahead, outputs are the ${forecast.target ?? 'change'} of the scaled value`
  const rows: [string, string][] = [
    ['from', card?.summary ?? 'a model directory'],
    ['network', `${inputWidth(graph)} inputs, ${outputWidth(graph)} outputs, ${parameters} parameters`],
    ...Object.entries(card?.settings ?? {}).map(([key, value]): [string, string] => [key, String(value)]),
    [
      'scaler',
      scaler === null ? "each sensor's own warm-up" : `${scaler.kind}: ${[...scaler.scales.keys()].join(', ')}`,
    ],
    ['period', periodMs === null ? 'any' : formatDuration(periodMs)],
    ['forecast', says],
    ['weights', model.fingerprint],
  ]
  const width = Math.max(...rows.map(([name]) => name.length))
  return [dir, ...rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`), ''].join('\n')
}
