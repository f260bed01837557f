import type { Architecture } from './architecture.ts'
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
  readonly tensors: ReadonlyMap<string, Tensor>
  /** FNV-1a 64 over the architecture and every weight, in hexadecimal. */
  readonly fingerprint: string
  readonly forecast: Forecast | null
  readonly card: ModelCard | null
}
