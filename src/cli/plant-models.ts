import { messageOf, OperatingError } from '../base/errors.ts'
import { nameOf } from '../core/forecaster.ts'
import type { Adoption, PipelineModels } from '../core/live-pipeline.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import {
  type ModelChangeBy,
  type ModelComparison,
  ModelRefusal,
  type PlantModels,
  type Registered,
  type RunningModels,
} from '../ports/plant-models.ts'
import type { Engine } from '../runtime/engine-options.ts'
import type { ModelDesk } from '../runtime/model-desk.ts'
import { shippedModels } from './model-files.ts'
import { loadPipelineModels } from './model-set.ts'
import { loadNamedModels, type ModelOrigin } from './named-models.ts'
import { compareModels } from './registry/compare-models.ts'
import { readComparison, writeComparison } from './registry/comparison.ts'
import { Registry } from './registry/registry.ts'
import { RegistryRefusal } from './registry/registry-refusal.ts'

const pollMs = 1_000
const comparisonMs = 10_000

/** Where a plant's models come from. */
export interface PlantModelsOptions {
  /** The model as the configuration names it. */
  readonly named: string
  /** Where models are registered. */
  readonly root: string
  readonly plant: string
  readonly clock: Clock
  readonly log: Log
}

/** A registered model's versions as the plant runs them. */
interface Following {
  readonly name: string
  live: number
  shadow: number | null
  /** The registry's revision that was looked at; null: look again. */
  revision: number | null
}

/**
 * The models of a plant. Where the configuration names a registered model without a version, the plant follows its
 * live version and its shadow; the registry is looked at every second.
 */
export class FollowedModels implements PlantModels {
  /** What the configuration's model was when it was loaded. */
  readonly live: PipelineModels
  readonly #options: PlantModelsOptions
  readonly #registry: Registry
  readonly #following: Following | null
  #model: string
  #problem: string | null = null
  #lastChange: RunningModels['lastChange'] = null
  #engine: Engine | undefined
  #desk: ModelDesk | undefined
  #timer: NodeJS.Timeout | undefined
  #turn: Promise<void> = Promise.resolve()
  #comparedMs = 0

  /** Loads the model. Errors: as `loadNamedModels`. */
  constructor(options: PlantModelsOptions) {
    const { origin, ...live } = loadNamedModels(options.named, options.root)
    this.#options = options
    this.live = live
    this.#registry = new Registry(options.root)
    this.#following = followed(origin)
    this.#model = origin.kind === 'registered' ? `${origin.name}@${origin.version}` : live.model.name
  }

  /** The models that a state was written with: a version of the followed model, or one that ships. */
  former(written: string): PipelineModels | null {
    const name = this.#following?.name
    const versions = name === undefined ? [] : (this.#registry.read(name)?.versions ?? []).toReversed()
    // A name ends with the fingerprint of its weights: no other version is loaded.
    const dirs = versions.filter(({ fingerprint }) => written.endsWith(fingerprint)).map(({ dir }) => dir)
    for (const dir of [...dirs, ...Object.keys(shippedModels)]) {
      const models = loadPipelineModels(dir)
      if (nameOf(models.model, models.own) === written) return models
    }
    return null
  }

  /** Gives the desk and the engine that changes are made with, before the engine starts. */
  begin(desk: ModelDesk, engine: Engine): void {
    this.#desk = desk
    this.#engine = engine
    const following = this.#following
    if (following === null) return
    const { shadow } = this.#registry.model(following.name)
    if (shadow === null) return
    try {
      desk.beginWithShadow(this.#load(following.name, shadow))
      following.shadow = shadow
    } catch (error) {
      this.#failed(error)
    }
  }

  /** Looks at the registry every second. */
  start(): void {
    if (this.#following === null) return
    this.#timer = setInterval(() => void this.#follow(), pollMs).unref()
  }

  /** Ends that; what was compared is on disk then. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    await this.#turn
    this.#keepComparison()
  }

  running(): RunningModels {
    const following = this.#following
    return {
      model: this.#model,
      shadow: following === null || following.shadow === null ? null : `${following.name}@${following.shadow}`,
      follows: following?.name ?? null,
      problem: this.#problem,
      lastChange: this.#lastChange,
    }
  }

  registered(): Registered {
    const { models, damaged } = this.#registry.survey()
    const told = models.map(({ name, live, shadow, history, versions }) => ({
      name,
      live,
      shadow,
      rollbackTo: history.at(-1) ?? null,
      versions: versions.map(({ dir: _, ...version }) => version),
      audit: this.#registry.audit(name),
      comparison: this.#comparison(name) ?? readComparison(this.#registry.directory(name)),
    }))
    return { models: told, damaged }
  }

  promote(name: string, version: number, who: ModelChangeBy): Promise<void> {
    return this.#change(() => this.#registry.promote(name, version, who))
  }

  rollback(name: string, who: ModelChangeBy): Promise<void> {
    return this.#change(() => this.#registry.rollback(name, who))
  }

  shadow(name: string, version: number | null, who: ModelChangeBy): Promise<void> {
    return this.#change(() => this.#registry.shadow(name, version, who))
  }

  async #change(change: () => unknown): Promise<void> {
    try {
      change()
    } catch (error) {
      if (!(error instanceof RegistryRefusal)) throw error
      throw new ModelRefusal(error.kind === 'unknown' ? 'unknown' : 'conflict', error.message)
    }
    await this.#follow()
  }

  /** One look after the other: a change takes as long as a checkpoint. */
  #follow(): Promise<void> {
    this.#turn = this.#turn.then(() => this.#look()).catch((error: unknown) => this.#failed(error))
    return this.#turn
  }

  async #look(): Promise<void> {
    const following = this.#following
    if (following === null) return
    const { log } = this.#options
    const revision = this.#registry.revision(following.name)
    if (revision === null) throw new OperatingError('registry', `${following.name} is not registered any more`)
    if (revision === following.revision) return this.#compareAtTimes()
    const { live, shadow } = this.#registry.model(following.name)
    // The last word of the models before, while they are still the ones that run.
    this.#keepComparison()
    if (live !== null && live !== following.live) await this.#takeLive(following, live)
    if (shadow !== following.shadow) await this.#takeShadow(following, shadow)
    following.revision = revision
    if (this.#problem !== null) log.info({ model: this.#model }, 'the plant runs what the registry says again')
    this.#problem = null
  }

  async #takeLive(following: Following, version: number): Promise<void> {
    const label = `${following.name}@${version}`
    const startedMs = performance.now()
    const adoption = await this.#apply({ live: this.#load(following.name, version) })
    const before = this.#model
    following.live = version
    if (following.shadow === version) following.shadow = null
    this.#model = label
    if (adoption !== null) this.#lastChange = { at: this.#options.clock.now(), model: label, ...adoption }
    const ms = Math.round(performance.now() - startedMs)
    this.#options.log.info({ from: before, to: label, ...adoption, ms }, 'the model is changed')
  }

  async #takeShadow(following: Following, version: number | null): Promise<void> {
    await this.#apply({ shadow: version === null ? null : this.#load(following.name, version) })
    following.shadow = version
    const { log } = this.#options
    if (version === null) log.info({ model: this.#model }, 'no shadow scores any more')
    else log.info({ model: this.#model, shadow: `${following.name}@${version}` }, 'a shadow scores beside the model')
  }

  async #apply(change: Parameters<ModelDesk['change']>[1]): Promise<Adoption | null> {
    return this.#desk!.change(this.#engine!, change)
  }

  #load(name: string, version: number): PipelineModels {
    this.#registry.verify(name, version)
    return loadPipelineModels(this.#registry.version(name, version).dir)
  }

  /** The present models go on; told once, tried again with every look. */
  #failed(error: unknown): void {
    const problem = messageOf(error)
    if (problem === this.#problem) return
    this.#problem = problem
    this.#options.log.error({ model: this.#model, error: problem }, 'the registry cannot be followed; the model stays')
  }

  #comparison(name: string): ModelComparison | null {
    const following = this.#following
    if (following?.name !== name || following.shadow === null || this.#desk === undefined) return null
    const { live, shadow } = following
    return compareModels({ plant: this.#options.plant, live, shadow }, this.#desk.comparisons())
  }

  #compareAtTimes(): void {
    if (this.#options.clock.now() - this.#comparedMs >= comparisonMs) this.#keepComparison()
  }

  #keepComparison(): void {
    const following = this.#following
    const comparison = following === null ? null : this.#comparison(following.name)
    if (comparison === null || comparison.readings === 0) return
    this.#comparedMs = this.#options.clock.now()
    try {
      writeComparison(this.#registry.directory(following!.name), comparison)
    } catch (error) {
      this.#options.log.warn({ error: messageOf(error) }, 'the comparison with the shadow cannot be written')
    }
  }
}

function followed(origin: ModelOrigin): Following | null {
  if (origin.kind !== 'registered' || origin.isPinned) return null
  return { name: origin.name, live: origin.version, shadow: null, revision: null }
}
