import { OperatingError } from '../base/errors.ts'
import { fnv64 } from '../base/hash.ts'
import { type Architecture, architectureToJson } from './architecture.ts'
import type { Tensor } from './tensor.ts'

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
  const shapes = tensorShapes(architecture)
  for (const [tensor, shape] of shapes) {
    const found = tensors.get(tensor)
    if (found === undefined) throw new OperatingError('model', `${name} has no tensor "${tensor}"`)
    if (found.shape.join() !== shape.join()) {
      throw new OperatingError('model', `${name}: "${tensor}" is [${found.shape}], the architecture says [${shape}]`)
    }
  }
  for (const tensor of tensors.keys()) {
    if (!shapes.has(tensor)) throw new OperatingError('model', `${name}: "${tensor}" belongs to no module named`)
  }
  const forecast = options.forecast ?? null
  const fingerprint = fingerprintOf(architecture, tensors, forecast)
  return { name, architecture, tensors, fingerprint, forecast, card: options.card ?? null }
}

/** Names and shapes of every weight, as PyTorch's state dict has them. */
export function tensorShapes(architecture: Architecture): Map<string, readonly number[]> {
  const { recurrent, head } = architecture
  const shapes = new Map<string, readonly number[]>()
  const prefix = recurrent.name === '' ? '' : `${recurrent.name}.`
  const rows = (recurrent.type === 'GRU' ? 3 : 4) * recurrent.hiddenSize
  for (let layer = 0; layer < recurrent.layers; layer++) {
    const inputs = layer === 0 ? recurrent.inputSize : recurrent.hiddenSize
    shapes.set(`${prefix}weight_ih_l${layer}`, [rows, inputs])
    shapes.set(`${prefix}weight_hh_l${layer}`, [rows, recurrent.hiddenSize])
    if (!recurrent.bias) continue
    shapes.set(`${prefix}bias_ih_l${layer}`, [rows])
    shapes.set(`${prefix}bias_hh_l${layer}`, [rows])
  }
  if (head === null) return shapes
  const headPrefix = head.name === '' ? '' : `${head.name}.`
  shapes.set(`${headPrefix}weight`, [head.outFeatures, head.inFeatures])
  if (head.bias) shapes.set(`${headPrefix}bias`, [head.outFeatures])
  return shapes
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
