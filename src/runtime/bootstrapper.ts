import { messageOf, OperatingError } from '../base/errors.ts'
import { limits } from '../base/limits.ts'
import type { Pipeline } from '../core/pipeline.ts'
import { Frame } from '../domain/frame.ts'
import { OutcomeFrame } from '../domain/outcome.ts'
import type { SourceContext } from '../ports/source.ts'
import type { Restored } from '../ports/state-store.ts'
import type { Checkpointer } from './checkpointer.ts'
import type { BootstrapOptions, EngineOptions } from './engine-options.ts'
import type { HistoryStore } from './history.ts'
import { Ingest } from './ingest.ts'

/** The positions of what was read stand under it; no source can be called so. */
const positionsName = ':bootstrap'

/** Milliseconds between two words on how far the reading is. */
const tellEveryMs = 5_000

/** Rows that are refused are told with this many examples. */
const examplesMost = 3

/**
 * The bootstrapper of a start; undefined where none is wanted, or the state says that this history was read and no asset is
 * without a state. `hasState`: slots with one.
 */
export function createBootstrapper(
  engine: EngineOptions,
  history: HistoryStore,
  positions: Restored['positions'],
  hasState: ReadonlySet<number>,
): Bootstrapper | undefined {
  const { bootstrap, catalog } = engine
  const before = positions[positionsName] ?? {}
  if (bootstrap === undefined) return undefined
  const isComplete = catalog.assets.every((_, slot) => hasState.has(slot))
  if (before[bootstrap.key] !== undefined && isComplete) return undefined
  return new Bootstrapper(bootstrap, engine, history, { slots: hasState, keys: Object.keys(before) })
}

/**
 * Teaches sensors and assets without state from history, at a start, before anything live is taken.
 *
 * The history runs through a twin of the pipeline; rows of those that have a state already are then left where they are. So a
 * history that breaks off half-way has changed nothing, and a crash before the commit repeats the whole.
 */
export class Bootstrapper {
  readonly #options: BootstrapOptions
  readonly #engine: EngineOptions
  readonly #history: HistoryStore
  readonly #twin: Pipeline
  readonly #ingest: Ingest
  readonly #kept = new Frame(limits.frameRows)
  readonly #outcome = new OutcomeFrame(limits.frameRows)
  readonly #hasState: ReadonlySet<number>
  readonly #keysBefore: readonly string[]
  readonly #refused = new Map<string, number>()
  readonly #examples: string[] = []
  #readings = 0
  #toldMs: number
  #stop: (why: OperatingError) => void = () => undefined

  constructor(
    options: BootstrapOptions,
    engine: EngineOptions,
    history: HistoryStore,
    before: { readonly slots: ReadonlySet<number>; readonly keys: readonly string[] },
  ) {
    this.#options = options
    this.#engine = engine
    this.#history = history
    this.#hasState = before.slots
    this.#keysBefore = before.keys
    this.#twin = engine.pipeline.twin(options.learn)
    this.#ingest = new Ingest(engine.catalog, () => this.#process())
    this.#toldMs = engine.clock.now()
  }

  /** Ends the reading; what was read is forgotten. */
  stop(): void {
    this.#stop(new OperatingError('state', 'stopped while the history was read; the next start reads it anew'))
  }

  /**
   * Reads the history, copies what it taught into the pipeline, and notes that it was read with the next checkpoint. Answers
   * whether there is something to commit.
   *
   * Errors: `OperatingError` when the history cannot be read and is not optional, or when `stop` was called.
   */
  async run(checkpointer: Checkpointer): Promise<boolean> {
    const { log, catalog } = this.#engine
    const known = catalog.slotCount
    log.info({ history: this.#options.key }, 'history is read, to learn from it before anything live is taken')
    const stopped = new Promise<never>((_, reject) => {
      this.#stop = reject
    })
    let isStopped = false
    stopped.catch(() => {
      isStopped = true
    })
    try {
      await Promise.race([this.#read(), stopped])
      return this.#take(checkpointer)
    } catch (error) {
      this.#forget(known)
      if (isStopped) throw error
      const fix = 'mend it, take `bootstrap` out, or set bootstrap.onFailure: continue'
      const text = `the history to learn from cannot be read: ${messageOf(error)}`
      if (!this.#options.isOptional) {
        const code = error instanceof OperatingError ? error.code : 'read'
        throw new OperatingError(code, `${text}; ${fix}`, { cause: error })
      }
      log.error({ history: this.#options.key, error: messageOf(error) }, `${text}; sensors warm up by themselves`)
      return false
    } finally {
      await this.#options.source.stop().catch(() => undefined)
      await this.#options.source.close().catch(() => undefined)
    }
  }

  async #read(): Promise<void> {
    const { source } = this.#options
    await new Promise<void>((resolve, reject) => {
      const context = this.#context(reject)
      source.start(context).then(() => source.finished?.then(resolve, reject), reject)
    })
    this.#process()
    this.#outcome.clear()
    this.#twin.finish(this.#outcome)
    this.#show()
    if (this.#refused.size > 0) {
      const rows = Object.fromEntries(this.#refused)
      this.#engine.log.warn({ rows, examples: this.#examples }, 'rows of the history could not be read')
    }
    if (this.#readings === 0) throw new OperatingError('read', 'it has no reading of the times that are asked for')
  }

  #context(failed: (error: unknown) => void): SourceContext {
    const { clock, log } = this.#engine
    const { source } = this.#options
    return {
      clock,
      log,
      positions: {},
      deliver: async (delivery) => {
        const { accepted, rejected } = this.#ingest.decode(source, 0, delivery)
        this.#process()
        for (const { reason, detail, line } of rejected) {
          this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1)
          const place = line === undefined ? '' : `line ${line}: `
          if (this.#examples.length < examplesMost) this.#examples.push(`${place}${detail}`)
        }
        delivery.decoded?.(accepted, rejected)
        this.#tell()
        await delivery.acknowledge()
        // Timers, signals and requests get their turn.
        await new Promise((resolve) => setImmediate(resolve))
      },
      revoked: () => undefined,
      connected: () => undefined,
      lag: () => undefined,
      failed,
    }
  }

  #process(): void {
    const { frame } = this.#ingest
    const { sinceMs, untilMs } = this.#options
    this.#kept.clear()
    for (let row = 0; row < frame.count; row++) {
      const timeMs = frame.timeMs[row]!
      if (timeMs < sinceMs || timeMs > untilMs) continue
      this.#kept.push(frame.slot[row]!, timeMs, frame.value[row]!, frame.quality[row]!, frame.arrivalMs[row]!)
    }
    frame.clear()
    if (this.#kept.count === 0) return
    this.#readings += this.#kept.count
    this.#outcome.clear()
    this.#twin.step(this.#kept, this.#outcome)
    this.#show()
  }

  /** The page shows the past of those who are taught. */
  #show(): void {
    for (const outcome of [this.#outcome, this.#twin.assets?.outcome]) {
      if (outcome === undefined) continue
      for (let row = 0; row < outcome.count; row++) {
        if (!this.#hasState.has(outcome.slot[row]!)) this.#history.appendRow(outcome, row)
      }
    }
  }

  #tell(): void {
    const { clock, log, catalog } = this.#engine
    const now = clock.now()
    if (now - this.#toldMs < tellEveryMs) return
    this.#toldMs = now
    log.info({ readings: this.#readings, sensors: catalog.size }, 'history is being read')
  }

  #take(checkpointer: Checkpointer): boolean {
    const { pipeline, log } = this.#engine
    const slots = this.#twin.dirtySlots().filter((slot) => !this.#hasState.has(slot))
    for (const slot of slots) {
      pipeline.restore(slot, this.#twin.snapshot(slot))
      pipeline.settle(slot)
    }
    const warming = slots.filter((slot) => pipeline.progress(slot) !== null).length
    log.info(
      { readings: this.#readings, taught: slots.length, warming, untouched: this.#hasState.size },
      'the history is learned',
    )
    checkpointer.forget(positionsName, this.#keysBefore)
    checkpointer.note(positionsName, { [this.#options.key]: String(this.#readings) })
    return slots.length > 0
  }

  /** Sensors that only a history named that could not be read to its end are not kept. */
  #forget(known: number): void {
    const { catalog } = this.#engine
    for (let slot = known; slot < catalog.slotCount; slot++) {
      if (catalog.has(slot)) catalog.remove(catalog.spec(slot).id)
      this.#history.clear(slot)
    }
  }
}
