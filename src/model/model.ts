import { OperatingError } from '../base/errors.ts'
import { fnv64 } from '../base/hash.ts'
import { type Architecture, architectureToJson } from './architecture.ts'
import type { CalendarCycle } from './calendar.ts'
import type { Graph } from './graph.ts'
import { type LinearPart, linearWidth } from './linear.ts'
import { lower } from './lower.ts'
import type { Tensor } from './tensor.ts'
import { tensorShapes } from './tensor-shapes.ts'

/** What a model learned from. Units: times in ms since 1970, event time. */
export interface TrainedOn {
  /** SHA-256 over channels, times and values, in hexadecimal. */
  readonly fingerprint: string
  readonly rows: number
  readonly fromMs: number
  readonly toMs: number
  readonly channels: readonly string[]
  /** The inputs as the command named them. */
  readonly files: readonly string[]
}

/** What a model says about itself: enough to make it again and to judge it. */
export interface ModelCard {
  readonly summary: string
  readonly data: string
  readonly seed: number
  readonly epochs: number
  readonly losses: Readonly<Record<string, number>>
  readonly settings: Readonly<Record<string, number | string>>
  readonly command: string
  /** The model that it was fine-tuned from, `name-fingerprint`; absent: from nothing, or unknown. */
  readonly from?: string
  readonly trainedOn?: TrainedOn
  /** How it did on rows that it did not learn from; absent: it was not judged. */
  readonly metrics?: Readonly<Record<string, number>>
}

/** What the network predicts for the core's residual stage; absent for a model that only runs `forward`. */
export interface Forecast {
  /** Values ahead that the head gives: output k is about the scaled value k+1 readings later. */
  readonly horizons: number
  /** The scaled value is clipped to ± this before the network sees it; the residual is never clipped. */
  readonly inputClip: number
  /** `change` (default): the head gives how far the scaled value moves; `level`: the scaled value itself. */
  readonly target?: 'change' | 'level'
  /** Cycles of the calendar that the network sees behind the channels and context. Default none. */
  readonly calendar?: readonly CalendarCycle[]
  /** The IANA time zone whose calendar that was in training; absent: UTC. */
  readonly timeZone?: string
  /** What an asset's model predicts, in the order of its inputs; absent for a model of any one sensor. */
  readonly channels?: readonly string[]
  /** Columns that are inputs only, behind the channels. */
  readonly context?: readonly string[]
  /** How old the last value of a context column may be before it counts as missing; absent: any age. Units: ms of event time. */
  readonly contextMaxAgeMs?: number
}

/** What the core learned of a sensor's normal errors while the model was made, by the names of its columns. */
export type Calibration = Readonly<Record<string, number | readonly number[]>>

/** The kinds of scale: mean and deviation, median and quartiles, range, or none. */
export const scalerKinds = ['standard', 'robust', 'minmax', 'none'] as const
/** A kind of scaler. */
export type ScalerKind = (typeof scalerKinds)[number]

/** The scale of one channel: v = (x − center) / scale. Units: both in the channel's own. */
export interface Scale {
  readonly center: number
  readonly scale: number
}

/** Scales that belong to a model, by channel; a sensor that is not among them is scaled by its own warm-up. */
export interface Scaler {
  readonly kind: ScalerKind
  readonly scales: ReadonlyMap<string, Scale>
}

/** A model as pure data: architecture, weights and card. Loaded from bytes elsewhere. */
export interface Model {
  readonly name: string
  readonly architecture: Architecture
  /** The architecture as nodes: what the kernels read. */
  readonly graph: Graph
  /** Weights by PyTorch's state dict names, complete and of the right shapes. */
  readonly tensors: ReadonlyMap<string, Tensor>
  /** FNV-1a 64 over the architecture and every weight, in hexadecimal. */
  readonly fingerprint: string
  readonly forecast: Forecast | null
  /** The linear model that the network corrects; null: the network forecasts alone. */
  readonly linear: LinearPart | null
  /** By sensor; one that is not among them learns its limits in a warm-up. */
  readonly calibrations: ReadonlyMap<string, Calibration>
  /** null: every sensor is scaled by its own warm-up. */
  readonly scaler: Scaler | null
  /** Ms between the readings that it was trained on; null: any. */
  readonly periodMs: number | null
  readonly card: ModelCard | null
}

/** What a model is besides its network; all null when absent. */
export interface ModelOptions {
  readonly forecast?: Forecast | null
  readonly linear?: LinearPart | null
  readonly calibrations?: ReadonlyMap<string, Calibration>
  readonly scaler?: Scaler | null
  readonly periodMs?: number | null
  readonly card?: ModelCard | null
}

/**
 * Makes a model of an architecture and its weights.
 *
 * Errors: `OperatingError('model')` naming the first tensor that is missing, of the wrong shape, or belongs to no module,
 * or what of a linear part does not fit the forecast.
 */
export function createModel(
  name: string,
  architecture: Architecture,
  tensors: ReadonlyMap<string, Tensor>,
  options: ModelOptions = {},
): Model {
  const graph = lower(architecture)
  const shapes = tensorShapes(graph)
  for (const [tensor, shape] of shapes) {
    const found = tensors.get(tensor)
    if (found === undefined) throw new OperatingError('model', `${name} has no tensor "${tensor}"`)
    if (found.shape.join() !== shape.join()) {
      throw new OperatingError('model', `${name}: "${tensor}" is [${found.shape}], the architecture says [${shape}]`)
    }
  }
  const own = new Map([...tensors].filter(([tensor]) => shapes.has(tensor)))
  for (const tensor of tensors.keys()) {
    if (!shapes.has(tensor) && !isCounter(tensor))
      throw new OperatingError('model', `${name}: "${tensor}" belongs to no module named`)
  }
  const {
    forecast = null,
    linear = null,
    calibrations = new Map(),
    scaler = null,
    periodMs = null,
    card = null,
  } = options
  checkLinear(name, linear, forecast)
  const parts = [...fingerprintParts(architecture, own, forecast, scaler), ...addedParts(linear, calibrations)]
  const fingerprint = fnv64(parts)
  return {
    name,
    architecture,
    graph,
    tensors: own,
    fingerprint,
    forecast,
    linear,
    calibrations,
    scaler,
    periodMs,
    card,
  }
}

function checkLinear(name: string, linear: LinearPart | null, forecast: Forecast | null): void {
  if (linear === null) return
  const fail = (why: string): never => {
    throw new OperatingError('model', `${name}: its linear part ${why}`)
  }
  if (forecast === null || forecast.target !== 'level') fail('forecasts levels; forecast.target must be level')
  if (forecast!.channels !== undefined) fail('is of one channel, and the model is of an asset')
  const { context = [], horizons } = forecast!
  if (linear.context !== context.length)
    fail(`reads ${linear.context} context columns, forecast.context names ${context.length}`)
  if (linear.scale.length !== horizons || linear.gates.length !== horizons)
    fail(`needs a scale and a gate for each of ${horizons} horizons`)
  const wanted = horizons * linearWidth(linear)
  if (linear.weights.length !== wanted)
    fail(`has ${linear.weights.length} weights; its features and horizons make ${wanted}`)
  for (const values of [linear.weights, linear.scale, linear.gates]) {
    if (!values.every(Number.isFinite)) fail('has a weight, a scale or a gate that is not finite')
  }
}

/** What a linear part and calibrations add; nothing where there are none, so that older fingerprints stay. */
function addedParts(linear: LinearPart | null, calibrations: ReadonlyMap<string, Calibration>): string[] {
  return [
    ...(linear === null ? [] : [canonicalText(linear)]),
    ...(calibrations.size === 0 ? [] : [canonicalText(Object.fromEntries(calibrations))]),
  ]
}

/** JSON with the names of every object in one order: a training and the reader of a file have them in different ones. */
function canonicalText(value: unknown): string {
  return JSON.stringify(value, (_name, one: unknown) => {
    if (one instanceof Float32Array) return [...one]
    if (typeof one !== 'object' || one === null || Array.isArray(one)) return one
    return Object.fromEntries(Object.entries(one).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  })
}

/** PyTorch's BatchNorm counts the batches of its training; evaluation does not read the count. */
function isCounter(tensor: string): boolean {
  return /(^|\.)num_batches_tracked$/.test(tensor)
}

function fingerprintParts(
  architecture: Architecture,
  tensors: ReadonlyMap<string, Tensor>,
  forecast: Forecast | null,
  scaler: Scaler | null,
): string[] {
  const scales = scaler === null ? [] : [JSON.stringify([scaler.kind, ...scaler.scales])]
  const parts = [...scales, JSON.stringify(architectureToJson(architecture, 'computing')), JSON.stringify(forecast)]
  const bits = new DataView(new ArrayBuffer(4))
  for (const name of [...tensors.keys()].sort()) {
    let hash = 0x811c9dc5
    for (const value of tensors.get(name)!.data) {
      bits.setFloat32(0, value)
      hash = Math.imul(hash ^ bits.getUint32(0), 0x01000193) >>> 0
    }
    parts.push(name, String(hash))
  }
  return parts
}
