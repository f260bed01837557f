import { formatDuration } from '../../base/units.ts'
import { architectureToJson } from '../../model/architecture.ts'
import { inputWidth, outputWidth } from '../../model/graph.ts'
import { usesNetwork } from '../../model/linear.ts'
import type { Model } from '../../model/model.ts'
import { scalerToJson } from '../model-directory.ts'
import { linearToJson } from '../model-linear.ts'
import { grouped } from '../replay/report.ts'
import { tableText } from './table.ts'

/** A network that is shown, and whose it is; `sensor` null: any sensor's. */
export interface ShownNetwork {
  readonly sensor: string | null
  readonly model: Model
}

/** Of a directory with a model a sensor, so many are told for a person; JSON has all. */
const shownNetworks = 8

/** Numbers that a network learned. */
export function parametersOf({ tensors }: Model): number {
  return [...tensors.values()].reduce((sum, { data }) => sum + data.length, 0)
}

/** A network as JSON: architecture, scale, card. */
export function networkJson({ sensor, model }: ShownNetwork): unknown {
  const { name, fingerprint, forecast, linear, calibrations, scaler, periodMs, card, graph } = model
  return {
    sensor,
    name,
    fingerprint,
    inputs: inputWidth(graph),
    outputs: outputWidth(graph),
    parameters: parametersOf(model),
    architecture: architectureToJson(model.architecture),
    forecast,
    linear: linear === null ? null : linearToJson(linear),
    calibrated: [...calibrations.keys()],
    scaler: scaler === null ? null : scalerToJson(scaler),
    periodMs,
    card,
  }
}

/** Networks for a person: modules, widths, scale, card. */
export function networkText(networks: readonly ShownNetwork[]): string {
  const shown = networks.slice(0, shownNetworks).map(({ sensor, model }) => {
    const title = sensor === null ? '' : `\n  ${sensor}\n`
    return `${title}${tableText(rowsOf(model), '  ')}`
  })
  const left = networks.length - shown.length
  return `${shown.join('')}${left > 0 ? `\n  and ${left} more; --json has all\n` : ''}`
}

function rowsOf(model: Model): (readonly [string, string])[] {
  const { graph, fingerprint, forecast, card } = model
  const ahead = forecast === null ? 'none' : `${forecast.horizons} steps ahead, the ${forecast.target ?? 'change'}`
  return [
    ['weights', fingerprint],
    [
      'network',
      `${inputWidth(graph)} inputs, ${outputWidth(graph)} outputs, ${grouped(parametersOf(model))} parameters`,
    ],
    ...modulesOf(model),
    ['forecast', ahead],
    ...linearRows(model),
    ...scaleRows(model),
    ...(card === null ? [] : cardRows(card)),
  ]
}

/** The linear part, what it reads, and how far the network corrects it. */
function linearRows({ linear, forecast, calibrations }: Model): [string, string][] {
  const context: [string, string][] = forecast?.context === undefined ? [] : [['context', forecast.context.join(', ')]]
  if (linear === null) return context
  const gates = [...linear.gates].map((gate) => gate.toFixed(2)).join(' ')
  const network = usesNetwork(linear) ? `gates of the network by horizon: ${gates}` : 'alone: the network is left out'
  return [
    ...context,
    ['linear', `ridge on ${linear.lags} lags and ${linear.context} context columns; ${network}`],
    [
      'limits',
      calibrations.size === 0 ? "each sensor's own warm-up" : `come with it for ${[...calibrations.keys()].join(', ')}`,
    ],
  ]
}

/** How the readings of a model are scaled, and how often they come. */
export function scaleRows({ scaler, periodMs }: Model): [string, string][] {
  const scales =
    scaler === null ? "each sensor's own warm-up" : `${scaler.kind}: ${[...scaler.scales.keys()].join(', ')}`
  return [
    ['scaler', scales],
    ['period', periodMs === null ? 'any' : formatDuration(periodMs)],
  ]
}

/** Each module with its sizes, in PyTorch's words. */
function modulesOf({ architecture }: Model): [string, string][] {
  const { modules } = architectureToJson(architecture) as { modules: Record<string, unknown>[] }
  return modules.map(({ name, type, ...options }) => {
    const said = Object.entries(options).filter(([, value]) => typeof value !== 'object' && value !== false)
    return ['module', `${name || '–'}: ${type} ${said.map(([key, value]) => `${key}=${value}`).join(' ')}`]
  })
}

function cardRows(card: NonNullable<Model['card']>): [string, string][] {
  const settings = Object.entries(card.settings).map(([key, value]) => `${key}=${value}`)
  const rows: [string, string][] = [
    ['summary', card.summary],
    ['data', card.data],
    ['settings', settings.join(' ')],
    ['command', card.command],
  ]
  return rows.filter(([, text]) => text !== '')
}
