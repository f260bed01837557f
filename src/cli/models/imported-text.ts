import { inputWidth, outputWidth } from '../../model/graph.ts'
import type { Model } from '../../model/model.ts'
import { parametersOf, scaleRows } from './network-text.ts'
import { tableText } from './table.ts'

/** What was imported, for a person: form, scale, period, forecast, and the convention of each recurrent module. */
export function importedText(dir: string, model: Model): string {
  const { graph, forecast, card } = model
  const says =
    forecast === null
      ? 'none: it runs, but gives no scores (--horizons and --target make it a forecast)'
      : `${forecast.horizons} steps ahead, outputs are the ${forecast.target ?? 'change'} of the scaled value`
  const rows: [string, string][] = [
    ['from', card?.summary ?? 'a model directory'],
    ['network', `${inputWidth(graph)} inputs, ${outputWidth(graph)} outputs, ${parametersOf(model)} parameters`],
    ...Object.entries(card?.settings ?? {}).map(([key, value]): [string, string] => [key, String(value)]),
    ...scaleRows(model),
    ['forecast', says],
    ['weights', model.fingerprint],
  ]
  return `${dir}\n${tableText(rows, '  ')}`
}
