import type { SensorCatalog } from '../domain/sensor.ts'
import type { ExplainReading } from './explain.ts'
import type { Quarantine } from './quality.ts'

/** What a journey needs of the pipeline's options. */
export interface JourneyOptions {
  readonly catalog: SensorCatalog
  readonly plant: string
  readonly quarantine: boolean | Quarantine
  readonly explain?: ExplainReading
  /** False: channels of assets are watched as instruments alone; nobody sees their own scores. */
  readonly scoresChannels?: boolean
}
