import { messageOf } from '../base/errors.ts'
import type { Pipeline } from '../core/pipeline.ts'
import type { SensorCatalog } from '../domain/sensor.ts'
import type { Log } from '../ports/log.ts'
import type { DeadLetter, DeadLetterSink } from '../ports/sink.ts'
import type { Delivery } from '../ports/source.ts'
import type { Checkpoint, StateRow, StateStore } from '../ports/state-store.ts'
import { Backoff } from './backoff.ts'
import type { ScoreLane } from './score-lane.ts'

type Positions = Record<string, Record<string, string | null>>

/** What a checkpoint needs of the rest of the engine. */
export interface CheckpointParts {
  readonly pipeline: Pipeline
  readonly catalog: SensorCatalog
  readonly store: StateStore
  readonly lanes: readonly ScoreLane[]
  readonly deadLetter: DeadLetterSink | undefined
  readonly log: Log
  /** Resolves when every alarm transition so far is durable in the journal. */
  journalled(): Promise<void>
  /** Called for every delivery after its acknowledgement. */
  acknowledged(delivery: Delivery): void
}

/**
 * Acknowledge last. A checkpoint copies the changed rows and the positions at one point of the stream, waits until every
 * score sink took everything before that point, commits both in one transaction, and only then acknowledges the sources.
 * Processing goes on meanwhile; one checkpoint runs at a time.
 */
export class Checkpointer {
  readonly #parts: CheckpointParts
  #deliveries: Delivery[] = []
  #letters: DeadLetter[] = []
  #positions: Positions = {}
  #removed: string[] = []
  #running: Promise<void> | undefined
  #abandoned = false
  /** Readings processed since the last checkpoint began, and those of the running one. */
  readings = 0
  inFlightReadings = 0
  lastMs = 0
  lastDurationMs = 0

  constructor(parts: CheckpointParts) {
    this.#parts = parts
  }

  /** Whether something waits for a checkpoint. */
  get due(): boolean {
    return this.#deliveries.length > 0 || this.readings > 0 || this.#removed.length > 0
  }

  get running(): boolean {
    return this.#running !== undefined
  }

  get waitingLetters(): number {
    return this.#letters.length
  }

  /** A delivery was processed: its positions and its acknowledgement belong to the next checkpoint. */
  add(source: string, delivery: Delivery, readings: number, letters: readonly DeadLetter[]): void {
    this.#deliveries.push(delivery)
    this.#letters.push(...letters)
    this.readings += readings
    this.note(source, delivery.positions)
  }

  /** Positions that belong to the next checkpoint without a delivery. */
  note(source: string, positions: Readonly<Record<string, string | null>>): void {
    this.#positions[source] = { ...this.#positions[source], ...positions }
  }

  forget(source: string, names: readonly string[]): void {
    this.note(source, Object.fromEntries(names.map((name) => [name, null])))
  }

  removed(id: string): void {
    this.#removed.push(id)
  }

  /** Begins a checkpoint of everything so far; resolves when it is committed and acknowledged. */
  begin(nowMs: () => number): Promise<void> {
    const { pipeline, catalog, lanes } = this.#parts
    const deliveries = this.#deliveries
    const letters = this.#letters
    const checkpoint: Checkpoint = {
      meta: pipeline.meta,
      rows: changedRows(pipeline, catalog),
      removed: this.#removed,
      positions: this.#positions,
    }
    const marks = lanes.map((lane) => lane.mark())
    pipeline.clearDirty()
    this.#deliveries = []
    this.#letters = []
    this.#positions = {}
    this.#removed = []
    this.inFlightReadings = this.readings
    this.readings = 0
    const startedMs = performance.now()
    this.#running = this.#commit(checkpoint, deliveries, letters, marks).finally(() => {
      this.#running = undefined
      this.inFlightReadings = 0
      this.lastMs = nowMs()
      this.lastDurationMs = performance.now() - startedMs
    })
    return this.#running
  }

  /** Waits for the running checkpoint. */
  async settled(): Promise<void> {
    await this.#running
  }

  /** The process stops: nothing more is committed or acknowledged. */
  abandon(): void {
    this.#abandoned = true
    for (const delivery of this.#deliveries.splice(0)) delivery.abandon?.()
  }

  async #commit(
    checkpoint: Checkpoint,
    deliveries: readonly Delivery[],
    letters: readonly DeadLetter[],
    marks: readonly number[],
  ): Promise<void> {
    const { lanes, store, deadLetter } = this.#parts
    await Promise.all(lanes.map((lane, index) => lane.taken(marks[index]!)))
    await this.#parts.journalled()
    if (deadLetter !== undefined && letters.length > 0) {
      await this.#insist('dead letters', () => deadLetter.write(letters))
    }
    await this.#insist('checkpoint', () => store.commit(checkpoint))
    for (const delivery of deliveries) {
      if (this.#abandoned) delivery.abandon?.()
      else {
        // An acknowledgement that fails is no loss: the sender sends again and the copy is recognised.
        try {
          await delivery.acknowledge()
        } catch (error) {
          this.#parts.log.warn({ error: messageOf(error) }, 'an acknowledgement failed, the sender will send again')
        }
        this.#parts.acknowledged(delivery)
      }
    }
  }

  /** Tries again until it works: nothing is acknowledged meanwhile, so the sources wait. */
  async #insist(what: string, action: () => Promise<void>): Promise<void> {
    const backoff = new Backoff(100, 10_000)
    while (!this.#abandoned) {
      try {
        await action()
        return
      } catch (error) {
        this.#parts.log.error({ error: messageOf(error) }, `${what} cannot be written, trying again`)
        await new Promise((resolve) => setTimeout(resolve, backoff.nextMs()))
      }
    }
  }
}

function changedRows(pipeline: Pipeline, catalog: SensorCatalog): StateRow[] {
  const rows: StateRow[] = []
  for (const slot of pipeline.dirtySlots()) {
    if (!catalog.has(slot)) continue
    const { labels } = catalog.spec(slot)
    rows.push({ id: catalog.key(slot), labels, bytes: pipeline.snapshot(slot) })
  }
  return rows
}
