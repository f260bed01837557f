import type { SensorSpec } from '../domain/sensor.ts'
import type { Model } from '../model/model.ts'

/** A reading, what was expected of it, and what the network saw before it. */
export interface ReadingToExplain {
  readonly model: Model
  readonly spec: SensorSpec
  /** (T,I) as the network saw it, oldest first: the scaled value, then its calendar. NaN: no tick yet. */
  readonly window: Float32Array
  /** The sensor's scale: value = center + unit · scaled. */
  readonly center: number
  readonly unit: number
  /** In engineering units. */
  readonly observed: number
  readonly expected: number
}

/** Why a residual is what it is: residual = rest + Σ byChannel = rest + Σ byTick. Units: the sensor's. */
export interface ReadingExplanation {
  readonly residual: number
  /** The reading against what it is compared with, and what came before the window. */
  readonly rest: number
  /** What the reading is compared with: the reading before, or the sensor's usual value. */
  readonly against: 'last' | 'usual'
  /** The largest first. */
  readonly byChannel: readonly { readonly channel: string; readonly contribution: number }[]
  /** The oldest first; `ticksAgo` counts from the reading. */
  readonly byTick: readonly { readonly ticksAgo: number; readonly contribution: number }[]
  /** "temperature 4.2 °C above the expected 61.3 °C although it had fallen". */
  readonly sentence: string
  /** What made the model expect that: "although it had fallen"; empty where nothing stands out. */
  readonly cause: string
}

/** Explains a reading; null for a model that cannot be explained. Pure: the same reading has the same explanation. */
export type ExplainReading = (reading: ReadingToExplain) => ReadingExplanation | null
