import type { Adoption, LivePipeline, PipelineModels, RecentReadings } from '../core/live-pipeline.ts'
import type { SensorCatalog } from '../domain/sensor.ts'
import type { Engine, Handover } from './engine-options.ts'

/** What a desk is made of. */
export interface ModelDeskParts {
  readonly pipeline: LivePipeline
  readonly catalog: SensorCatalog
  /** What the pipeline was made with. */
  readonly live: PipelineModels
  /** Finds the models that a state was written with, by their name in its meta; null: they are not to be had. */
  readonly former: (written: string) => PipelineModels | null
}

/** What is to run from now on; a part that is left out stays. */
export interface ModelChange {
  readonly live?: PipelineModels
  readonly shadow?: PipelineModels | null
}

const noHistory = (): RecentReadings | null => null

/** Changes the models of a running pipeline between two frames, and lets a start go on from another model's state. */
export class ModelDesk implements Handover {
  readonly #parts: ModelDeskParts
  #live: PipelineModels
  #shadow: PipelineModels | null = null

  constructor(parts: ModelDeskParts) {
    this.#parts = parts
    this.#live = parts.live
  }

  /** Lets a model score beside the live one from the start on. Errors: `OperatingError('model')` when it does not forecast. */
  beginWithShadow(shadow: PipelineModels): void {
    this.#parts.pipeline.setShadow(shadow, noHistory)
    this.#shadow = shadow
  }

  /** The model that is to run becomes the shadow of the former one: where it was that, its state is in the rows. */
  enter(written: string): boolean {
    const { pipeline, former } = this.#parts
    const models = former(written)
    if (models === null) return false
    pipeline.adopt(models, noHistory)
    pipeline.setShadow(this.#live, noHistory)
    return true
  }

  leave(): Adoption {
    const { pipeline } = this.#parts
    const adoption = pipeline.adopt(this.#live, noHistory)
    pipeline.setShadow(this.#shadow, noHistory)
    return adoption
  }

  /**
   * Makes a change in a running engine. Resolves with what became of the sensors, null where the live model stays.
   *
   * Errors: `OperatingError('model')` for a model that does not forecast, which changes nothing; `state` when it stops.
   */
  change(engine: Engine, { live, shadow }: ModelChange): Promise<Adoption | null> {
    const { pipeline } = this.#parts
    const recent = (slot: number): RecentReadings | null => engine.recent(slot)
    return engine.between(() => {
      let adoption: Adoption | null = null
      if (live !== undefined) {
        adoption = pipeline.adopt(live, recent)
        this.#live = live
      }
      if (shadow !== undefined) {
        pipeline.setShadow(shadow, recent)
        this.#shadow = shadow
      }
      return adoption
    })
  }

  /** How the shadow does, sensor by sensor; sensors without a reading that both scored are left out. */
  comparisons() {
    const { pipeline, catalog } = this.#parts
    return [...catalog.ids()].flatMap(([sensor, slot]) => {
      const found = pipeline.comparison(slot)
      return found === null ? [] : [{ sensor, ...found }]
    })
  }
}
