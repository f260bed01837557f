import { messageOf } from '../base/errors.ts'
import { limits } from '../base/limits.ts'
import type { RecentReadings } from '../core/live-pipeline.ts'
import type { Frame } from '../domain/frame.ts'
import { OutcomeFrame } from '../domain/outcome.ts'
import type { Log } from '../ports/log.ts'
import type { Sink, SinkContext } from '../ports/sink.ts'
import type { Delivery } from '../ports/source.ts'
import { acceptAlarm } from './acceptance.ts'
import { AlarmBoard } from './alarm-board.ts'
import { AlarmLane } from './alarm-lane.ts'
import type { Acceptance, AcceptedBy, PipelineApi } from './api.ts'
import { atMost } from './at-most.ts'
import { Barrier } from './barrier.ts'
import { type Bootstrapper, createBootstrapper } from './bootstrapper.ts'
import { Checkpointer } from './checkpointer.ts'
import { Counters } from './counters.ts'
import type { Engine, EngineOptions } from './engine-options.ts'
import { HistoryStore } from './history.ts'
import { Inbox } from './inbox.ts'
import { Ingest } from './ingest.ts'
import type { LiveFeed } from './live-feed.ts'
import { Outbox } from './outbox.ts'
import { createQueries } from './queries.ts'
import { restoreState } from './restore.ts'
import { ScoreLane } from './score-lane.ts'
import { Signal } from './signal.ts'
import { SourceBoard } from './source-board.ts'
import { sourceContext } from './source-context.ts'
import { SpillQueue } from './spill.ts'

/** Makes an engine; nothing runs before `start`. */
export function createEngine(options: EngineOptions): Engine {
  return new RunningEngine(options)
}

/** The only loop: records in, one synchronous step a frame, outcomes to lanes, checkpoints between. */
class RunningEngine implements Engine {
  readonly api: PipelineApi
  readonly finished: Promise<void>
  readonly #options: EngineOptions
  readonly #inbox = new Inbox()
  readonly #signal = new Signal()
  readonly #ingest: Ingest
  readonly #outcome = new OutcomeFrame(limits.frameRows)
  readonly #counters: Counters
  readonly #history: HistoryStore
  readonly #board = new AlarmBoard()
  readonly #sources: SourceBoard
  readonly #feed: LiveFeed
  readonly #scoreLanes: ScoreLane[] = []
  readonly #alarmLanes: AlarmLane[] = []
  readonly #outbox: Outbox
  readonly #checkpointer: Checkpointer
  readonly #barrier = new Barrier()
  #spills: SpillQueue[] = []
  #bootstrapper: Bootstrapper | undefined
  #lastTickMs = 0
  #loop: Promise<void> | undefined
  #phase: 'new' | 'running' | 'draining' | 'stopped' = 'new'
  #finish: () => void = () => undefined
  #fail: (error: unknown) => void = () => undefined

  constructor(options: EngineOptions) {
    this.#options = options
    const { pipeline, catalog, metrics, store, log } = options
    this.finished = new Promise((resolve, reject) => {
      this.#finish = resolve
      this.#fail = reject
    })
    this.finished.catch(() => undefined)
    this.#ingest = new Ingest(catalog, () => this.#process())
    this.#counters = new Counters(options.clock, metrics)
    this.#history = new HistoryStore(catalog.capacity)
    this.#sources = new SourceBoard(options.sources, options.clock)
    this.#outbox = new Outbox(store, metrics, log, this.#board, (transitions) => {
      this.#feed.alarms(transitions)
      for (const lane of this.#alarmLanes) lane.wake()
    })
    this.#checkpointer = new Checkpointer({
      pipeline,
      catalog,
      store,
      lanes: this.#scoreLanes,
      deadLetter: options.deadLetter,
      log,
      journalled: () => this.#outbox.settled(),
      acknowledged: (delivery) => this.#observeLatency(delivery),
    })
    const { api, feed } = createQueries({
      options,
      history: this.#history,
      board: this.#board,
      counters: this.#counters,
      checkpointer: this.#checkpointer,
      parts: () => [
        ...this.#sources.parts(),
        ...[...this.#scoreLanes, ...this.#alarmLanes].map((lane) => ({ kind: 'sink' as const, ...lane.health() })),
      ],
      ready: () => this.#ready(),
      remove: (id) => this.between(() => this.#remove(id)),
      accept: (id, who) => this.#accept(id, who),
    })
    this.api = api
    this.#feed = feed
  }

  bootstrap(frame: Frame): void {
    this.#outcome.clear()
    this.#options.pipeline.step(frame, this.#outcome)
    this.#history.append(this.#outcome)
  }

  async start(): Promise<void> {
    const { store, sinks, sources, log, deadLetter } = this.#options
    await store.open()
    const { positions, isChanged, slots } = restoreState(this.#options)
    this.#checkpointer.readings += isChanged ? 1 : 0
    this.#outbox.start()
    this.#bootstrapper = createBootstrapper(this.#options, this.#history, positions, slots)
    if (await this.#bootstrapper?.run(this.#checkpointer)) await this.#commitAll()
    const context = this.#sinkContext()
    await deadLetter?.open(context)
    for (const sink of sinks) await this.#openSink(sink, context)
    this.#checkpointer.lastMs = this.#options.clock.now()
    this.#phase = 'running'
    this.#loop = this.#run().catch((error: unknown) => this.#fail(error))
    const parts = {
      options: this.#options,
      inbox: this.#inbox,
      signal: this.#signal,
      checkpointer: this.#checkpointer,
      board: this.#sources,
      fail: (error: unknown) => this.#fail(error),
    }
    for (const [index, source] of sources.entries()) {
      await source.start(sourceContext(parts, source, index, positions[source.name] ?? {}))
    }
    log.info({ sources: sources.length, sinks: sinks.length, sensors: this.#options.catalog.size }, 'the pipeline runs')
    void this.#watchFinite()
  }

  async stop(): Promise<void> {
    if (this.#phase === 'stopped') return
    this.#bootstrapper?.stop()
    const wasRunning = this.#phase === 'running'
    this.#phase = 'draining'
    const { sources, sinks, store, deadLetter, log, drainMs = limits.drainMs } = this.#options
    await Promise.all(sources.map((source) => source.stop().catch((error: unknown) => logClosing(log, error))))
    this.#signal.wake()
    if (wasRunning && this.#loop !== undefined) await atMost(drainMs, this.#loop)
    await atMost(Math.min(drainMs, limits.alarmDrainMs), ...this.#alarmLanes.map((lane) => lane.drained()))
    this.#phase = 'stopped'
    this.#barrier.close()
    this.#inbox.abandon()
    this.#checkpointer.abandon()
    this.#signal.wake()
    await atMost(drainMs, ...[...this.#scoreLanes, ...this.#alarmLanes].map((lane) => lane.stop()))
    this.#feed.close()
    for (const part of [...sources, ...sinks, deadLetter, ...this.#spills]) {
      await part?.close().catch((error: unknown) => logClosing(log, error))
    }
    await store.close()
    this.#finish()
  }

  // --- the loop ---

  async #run(): Promise<void> {
    while (this.#phase !== 'stopped') {
      this.#takeInbox()
      this.#tick()
      this.#maybeCheckpoint()
      await this.#barrier.serve(() => this.#commitAll())
      if (this.#phase === 'draining' && this.#inbox.records === 0 && !this.#checkpointer.due) {
        await this.#checkpointer.settled()
        await this.#outbox.settled()
        if (!this.#checkpointer.due) return
      }
      if (this.#inbox.records > 0 && !this.#mustWait()) await new Promise((resolve) => setImmediate(resolve))
      else await this.#signal.wait(this.#idleMs())
    }
  }

  /** Decodes and scores what waits, up to about one frame, then lets the sinks and sources breathe. */
  #takeInbox(): void {
    let readings = 0
    while (!this.#mustWait() && readings < limits.frameRows) {
      const next = this.#inbox.take()
      if (next === undefined) break
      const { source, index, delivery } = next
      const decoded = this.#ingest.decode(source, index, delivery)
      this.#counters.decoded(source.name, decoded.accepted, decoded.rejected)
      this.#checkpointer.add(source.name, delivery, decoded.accepted, this.#options.deadLetter ? decoded.letters : [])
      delivery.decoded?.(decoded.accepted, decoded.rejected)
      readings += decoded.accepted
    }
    this.#process()
  }

  /** One synchronous step of the core over the frame, and its outcomes to everybody. */
  #process(): void {
    const { frame, sourceIndex } = this.#ingest
    if (frame.count === 0) return
    const { pipeline, sources } = this.#options
    const startedMs = performance.now()
    this.#outcome.clear()
    pipeline.step(frame, this.#outcome)
    this.#counters.stepped(frame, this.#outcome, (performance.now() - startedMs) / 1_000, sourceIndex, sources)
    frame.clear()
    this.#say()
  }

  /** What the last step said, to everybody who wants it. */
  #say(): void {
    const { changes, assets } = this.#options.pipeline
    const said = [{ outcome: this.#outcome, changes }, ...(assets === null ? [] : [assets])]
    for (const { outcome, changes: few } of said) {
      this.#history.append(outcome)
      this.#feed.scores(outcome)
      for (const lane of this.#scoreLanes) lane.offer(outcome, few)
    }
    this.#outbox.add(this.#outcome.transitions)
  }

  /** The last ticks of assets, which no further reading will close. */
  #closeTicks(): void {
    this.#outcome.clear()
    this.#options.pipeline.finish(this.#outcome)
    this.#say()
  }

  /** Silence is declared only while we can hear: every source connected and nothing waiting to be read. */
  #tick(): void {
    const { ticks, clock, pipeline } = this.#options
    const now = clock.now()
    if (!ticks || this.#phase !== 'running' || now - this.#lastTickMs < limits.tickMs) return
    this.#lastTickMs = now
    this.#counters.second(pipeline, this.#options.catalog, this.#board)
    if (!this.#checkpointer.due && !this.#checkpointer.running) {
      this.#checkpointer.lastMs = now
      this.#options.metrics.checkpoint(now)
    }
    if (this.#inbox.records > 0 || !this.#sources.hearing()) return
    this.#outcome.clear()
    pipeline.tick(now, this.#outcome, this.#sources.hearingSinceMs())
    if (this.#outcome.transitions.length === 0) return
    this.#outbox.add(this.#outcome.transitions)
    this.#checkpointer.readings += this.#outcome.transitions.length
  }

  #mustWait(): boolean {
    const { readings, inFlightReadings, waitingLetters } = this.#checkpointer
    return readings + inFlightReadings >= limits.unacknowledgedReadings || waitingLetters >= limits.deadLetters
  }

  #maybeCheckpoint(): void {
    const checkpointer = this.#checkpointer
    if (!checkpointer.due || checkpointer.running) return
    const sinceMs = this.#options.clock.now() - checkpointer.lastMs
    // Under load checkpoints take at most a third of the time; with an empty inbox somebody waits for the acknowledgement.
    const rested = sinceMs >= 2 * checkpointer.lastDurationMs
    const volume = rested && checkpointer.readings >= (this.#options.checkpointReadings ?? limits.checkpointReadings)
    const late = rested && sinceMs >= (this.#options.checkpointMs ?? limits.checkpointMs)
    const idle = this.#inbox.records === 0 && sinceMs >= limits.checkpointIdleMs
    if (!volume && !late && !idle && !this.#mustWait() && this.#phase === 'running') return
    void checkpointer
      .begin(() => this.#options.clock.now())
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#options.metrics.checkpoint(this.#options.clock.now())
        this.#signal.wake()
      })
  }

  #idleMs(): number {
    const soon = this.#phase !== 'running' || (this.#checkpointer.due && !this.#checkpointer.running)
    return soon ? limits.checkpointIdleMs : limits.tickMs
  }

  // --- work between frames ---

  between<T>(work: () => T): Promise<T> {
    const done = this.#barrier.ask(() => {
      const result = work()
      // Rows may have changed without a reading: a checkpoint is due.
      this.#checkpointer.readings += 1
      return result
    })
    this.#signal.wake()
    return done
  }

  recent(slot: number): RecentReadings | null {
    return this.#history.recent(slot, limits.warmupReadings)
  }

  async #commitAll(): Promise<void> {
    await this.#checkpointer.settled()
    await this.#checkpointer.begin(() => this.#options.clock.now())
  }

  /** What an operator accepts is durable when this answers: another turn at the barrier commits it. */
  async #accept(id: string, who: AcceptedBy): Promise<Acceptance> {
    const { pipeline, catalog, log, clock } = this.#options
    const parts = { pipeline, catalog, log, board: this.#board, outbox: this.#outbox }
    const accepted = await this.between(() => acceptAlarm({ ...parts, nowMs: clock.now() }, id, who))
    await this.between(() => undefined)
    return accepted
  }

  /** No lane holds a row of the slot here. False: no such sensor. */
  #remove(id: string): boolean {
    const { catalog, pipeline, metrics } = this.#options
    const gone = catalog.remove(id)
    if (gone === undefined) return false
    this.#outbox.add(this.#board.endOf(id))
    pipeline.clear(gone.slot)
    this.#history.clear(gone.slot)
    metrics.removeSensor(id)
    this.#checkpointer.removed(gone.key)
    return true
  }

  // --- start ---

  #sinkContext(): SinkContext {
    const { clock, log, catalog, plant, metrics } = this.#options
    return { clock, log, catalog, plant, metrics, activeAlarms: () => this.#board.standing() }
  }

  async #openSink(sink: Sink, context: SinkContext): Promise<void> {
    const { metrics, log, store, catalog, spillDirectory } = this.#options
    await sink.open(context)
    if (sink.settings.scores !== 'none' && sink.writeScores !== undefined) {
      let spill: SpillQueue | undefined
      if (sink.settings.policy === 'spill' && spillDirectory !== undefined) {
        spill = new SpillQueue(`${spillDirectory}/${sink.name}`, catalog, sink.settings.spillBytes)
        this.#spills.push(spill)
      }
      const lane = new ScoreLane(sink, spill, metrics, log)
      this.#scoreLanes.push(lane)
      lane.start()
    }
    if (sink.settings.alarms && sink.writeAlarms !== undefined) {
      const lane = new AlarmLane(sink, store.journal, metrics, log)
      this.#alarmLanes.push(lane)
      await lane.start()
    }
  }

  /** Finite sources: after the last record everything is committed and every alarm sink has it. */
  async #watchFinite(): Promise<void> {
    const { sources } = this.#options
    if (sources.length === 0 || sources.some(({ finished }) => finished === undefined)) return
    await Promise.all(sources.map(({ finished }) => finished))
    await this.#untilIdle()
    if (this.#phase === 'running' && this.#options.pipeline.assets !== null) {
      await this.between(() => this.#closeTicks())
      await this.#untilIdle()
    }
    await this.#outbox.settled()
    await Promise.all(this.#alarmLanes.map((lane) => lane.drained()))
    this.#finish()
  }

  async #untilIdle(): Promise<void> {
    while (
      this.#phase === 'running' &&
      (this.#inbox.records > 0 || this.#checkpointer.due || this.#checkpointer.running)
    ) {
      this.#signal.wake()
      await new Promise((resolve) => setTimeout(resolve, 1))
    }
  }

  #ready(): { ready: boolean; reasons: readonly string[] } {
    const reasons = this.#phase === 'running' ? this.#sources.complaints() : [`the pipeline is ${this.#phase}`]
    return { ready: reasons.length === 0, reasons }
  }

  #observeLatency(delivery: Delivery): void {
    const first = delivery.records[0]
    if (first === undefined) return
    this.#options.metrics.endToEndLatency(Math.max(0, this.#options.clock.now() - first.arrivalMs) / 1_000)
  }
}

function logClosing(log: Log, error: unknown): void {
  log.warn({ error: messageOf(error) }, 'a part did not close cleanly')
}
