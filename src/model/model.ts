import { OperatingError } from '../base/errors.ts'
import { fnv64 } from '../base/hash.ts'
import { type Architecture, architectureToJson } from './architecture.ts'
import type { Graph } from './graph.ts'
import { lower } from './lower.ts'
import type { Tensor } from './tensor.ts'
import { tensorShapes } from './tensor-shapes.ts'

/** What a model says about itself: enough to make it again and to judge it. */
export interface ModelCard {
  readonly summary: string
  readonly data: string
  readonly seed: number
  readonly epochs: number
  readonly losses: Readonly<Record<string, number>>
  readonly settings: Readonly<Record<string, number | string>>
  readonly command: string
}

/** What the network predicts for the core's residual stage; absent for a model that only runs `forward`. */
export interface Forecast {
  /** Values ahead that the head gives: output k predicts the change of the scaled value over k+1 readings. */
  readonly horizons: number
  /** The scaled value is clipped to ± this before the network sees it; the residual is never clipped. */
  readonly inputClip: number
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
  readonly card: ModelCard | null
}

/**
 * Makes a model of an architecture and its weights.
 *
 * Errors: `OperatingError('model')` naming the first tensor that is missing, of the wrong shape, or belongs to no module.
 */
export function createModel(
  name: string,
  architecture: Architecture,
  tensors: ReadonlyMap<string, Tensor>,
  options: { readonly forecast?: Forecast | null; readonly card?: ModelCard | null } = {},
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
  const forecast = options.forecast ?? null
  const fingerprint = fingerprintOf(architecture, own, forecast)
  return { name, architecture, graph, tensors: own, fingerprint, forecast, card: options.card ?? null }
}

/** PyTorch's BatchNorm counts the batches of its training; evaluation does not read the count. */
function isCounter(tensor: string): boolean {
  return /(^|\.)num_batches_tracked$/.test(tensor)
}

function fingerprintOf(
  architecture: Architecture,
  tensors: ReadonlyMap<string, Tensor>,
  forecast: Forecast | null,
): string {
  const parts = [JSON.stringify(architectureToJson(architecture)), JSON.stringify(forecast)]
  const bits = new DataView(new ArrayBuffer(4))
  for (const name of [...tensors.keys()].sort()) {
    let hash = 0x811c9dc5
    for (const value of tensors.get(name)!.data) {
      bits.setFloat32(0, value)
      hash = Math.imul(hash ^ bits.getUint32(0), 0x01000193) >>> 0
    }
    parts.push(name, String(hash))
  }
  return fnv64(parts)
}
