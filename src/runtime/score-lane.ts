import { asOperatingError, messageOf, OperatingError } from '../base/errors.ts'
import { OutcomeFrame } from '../domain/outcome.ts'
import { isRefused } from '../domain/quality.ts'
import type { Log } from '../ports/log.ts'
import type { Metrics } from '../ports/metrics.ts'
import type { Sink } from '../ports/sink.ts'
import { Backoff } from './backoff.ts'
import { Signal } from './signal.ts'
import type { SpillQueue } from './spill.ts'

/** What a lane reports of its sink. */
export interface LaneHealth {
  readonly name: string
  readonly up: boolean
  readonly detail: string
}

/**
 * The way of scores to one sink: queue, batching, retry with backoff and jitter, and the sink's policy while it is down.
 *
 * `block` keeps the head until the sink takes it (the engine then waits at its bound of unacknowledged readings);
 * `spill` moves everything to disk and drains it in order when the sink is back; `drop` counts and forgets.
 * A batch counts as taken when the server confirmed it, its spill was synced, or it was dropped and counted.
 */
export class ScoreLane {
  readonly #sink: Sink
  readonly #spill: SpillQueue | undefined
  readonly #metrics: Metrics
  readonly #log: Log
  readonly #backoff: Backoff
  readonly #signal = new Signal()
  readonly #queue: OutcomeFrame[] = []
  /** The head while it is being written: no row may join it. */
  #inFlight: OutcomeFrame | undefined
  readonly #waiters: { readonly upTo: number; readonly resolve: () => void }[] = []
  #offered = 0
  #taken = 0
  #firstOfferMs = 0
  #urgent = false
  #running = true
  #retryAtMs = 0
  #lastError = ''
  #loop: Promise<void> | undefined

  constructor(sink: Sink, spill: SpillQueue | undefined, metrics: Metrics, log: Log) {
    this.#sink = sink
    this.#spill = spill
    this.#metrics = metrics
    this.#log = log
    this.#backoff = new Backoff(sink.settings.retryInitialMs, sink.settings.retryMaxMs)
  }

  start(): void {
    this.#loop = this.#run()
  }

  /** Takes the rows that the sink selected; copies them, so the frame may be reused at once. */
  offer(all: OutcomeFrame, changes: OutcomeFrame): void {
    const { scores } = this.#sink.settings
    const from = scores === 'changes' ? changes : all
    let offered = 0
    let tail = this.#queue.at(-1)
    if (this.#offered === this.#taken) this.#firstOfferMs = performance.now()
    for (let row = 0; row < from.count; row++) {
      if (scores === 'all' && isRefused(from.quality[row]!)) continue
      offered += 1
      if (tail === undefined || tail === this.#inFlight || !tail.append(from, row)) {
        tail = new OutcomeFrame(Math.min(this.#sink.settings.batchReadings, Math.max(from.count - row, 1_024)))
        tail.append(from, row)
        this.#queue.push(tail)
      }
    }
    if (offered === 0) return
    this.#offered += offered
    this.#metrics.sinkQueue(this.#sink.name, this.#offered - this.#taken)
    this.#signal.wake()
  }

  /** The count of rows offered so far: what `taken` waits for. */
  mark(): number {
    return this.#offered
  }

  /** Resolves when every row offered before `mark` is taken; asks for an early write. */
  taken(mark: number): Promise<void> {
    if (this.#taken >= mark) return Promise.resolve()
    this.#urgent = true
    this.#signal.wake()
    return new Promise((resolve) => this.#waiters.push({ upTo: mark, resolve }))
  }

  health(): LaneHealth {
    const spilled = this.#spill?.readings ?? 0
    const waiting = `${this.#offered - this.#taken} queued${spilled > 0 ? `, ${spilled} spilled` : ''}`
    const up = this.#lastError === ''
    return { name: this.#sink.name, up, detail: up ? waiting : `${this.#lastError}; ${waiting}` }
  }

  async stop(): Promise<void> {
    this.#running = false
    this.#signal.wake()
    await this.#loop
  }

  async #run(): Promise<void> {
    while (this.#running) {
      const waitMs = this.#waitMs()
      if (waitMs > 0) {
        await this.#signal.wait(waitMs)
        continue
      }
      if (this.#spill !== undefined && this.#spill.readings > 0) await this.#throughSpill(this.#spill)
      else await this.#writeHead()
    }
  }

  /** How long there is nothing to do; 0 when there is. */
  #waitMs(): number {
    const now = performance.now()
    const queued = this.#offered - this.#taken
    const spilling = (this.#spill?.readings ?? 0) > 0
    if (spilling) {
      // New rows go to disk at once; the oldest spilled batch is tried when the backoff has run out.
      return queued > 0 && this.#due(queued, now) === 0 ? 0 : Math.max(0, this.#retryAtMs - now)
    }
    if (queued === 0) return Number.POSITIVE_INFINITY
    const retry = this.#sink.settings.policy === 'drop' ? 0 : this.#retryAtMs - now
    return Math.max(0, retry, this.#due(queued, now))
  }

  #due(queued: number, now: number): number {
    if (this.#urgent || queued >= this.#sink.settings.batchReadings) return 0
    return Math.max(0, this.#firstOfferMs + this.#sink.settings.batchMs - now)
  }

  async #writeHead(): Promise<void> {
    const head = this.#queue[0]
    if (head === undefined) return
    this.#inFlight = head
    if (this.#sink.settings.policy === 'drop' && performance.now() < this.#retryAtMs) {
      this.#dropHead(head)
      return
    }
    const failure = await this.#write(head)
    if (failure === undefined) this.#take(head)
    else if (!failure.retryable || this.#sink.settings.policy === 'drop') this.#dropHead(head)
    else if (this.#spill !== undefined) await this.#spillQueue(this.#spill)
  }

  /** Spilled rows are older than queued ones: the queue goes to disk behind them, then the oldest is tried. */
  async #throughSpill(spill: SpillQueue): Promise<void> {
    if (this.#offered > this.#taken) await this.#spillQueue(spill)
    if (performance.now() < this.#retryAtMs) return
    const batch = await spill.peek()
    if (batch === undefined) return
    const failure = await this.#write(batch)
    if (failure === undefined) await spill.remove()
    else if (!failure.retryable) {
      this.#metrics.sinkDropped(this.#sink.name, batch.count)
      await spill.remove()
    }
    if (spill.readings === 0)
      this.#log.info({ sink: this.#sink.name }, 'the spill is drained, scores are written directly again')
  }

  async #spillQueue(spill: SpillQueue): Promise<void> {
    for (let head = this.#queue[0]; head !== undefined; head = this.#queue[0]) {
      this.#inFlight = head
      try {
        const dropped = await spill.append(head)
        if (dropped > 0) this.#metrics.sinkDropped(this.#sink.name, dropped)
        this.#metrics.sinkSpilled(this.#sink.name, spill.bytes)
      } catch (error) {
        // A full disk must not lose rows silently: the queue stays, the engine waits at its bound, and we try again.
        this.#noteFailure(
          new OperatingError('spill', `the spill of ${this.#sink.name} cannot be written: ${messageOf(error)}`),
        )
        await new Promise((resolve) => setTimeout(resolve, Math.max(1, this.#retryAtMs - performance.now())))
        if (!this.#running) return
        continue
      }
      this.#take(head)
    }
  }

  async #write(frame: OutcomeFrame): Promise<OperatingError | undefined> {
    try {
      await this.#sink.writeScores?.(frame)
    } catch (error) {
      const failure = asOperatingError(error, 'write')
      this.#noteFailure(failure)
      return failure
    }
    if (this.#lastError !== '') this.#log.info({ sink: this.#sink.name }, 'the sink takes scores again')
    this.#lastError = ''
    this.#backoff.reset()
    this.#retryAtMs = 0
    return undefined
  }

  #noteFailure(failure: OperatingError): void {
    this.#metrics.sinkError(this.#sink.name, failure.code)
    if (this.#lastError === '' || !failure.retryable) {
      this.#log.warn(
        { sink: this.#sink.name, code: failure.code, policy: this.#sink.settings.policy },
        `scores cannot be written: ${failure.message}`,
      )
    }
    this.#lastError = failure.message
    this.#retryAtMs = failure.retryable ? performance.now() + this.#backoff.nextMs() : 0
    if (!failure.retryable) this.#lastError = ''
  }

  #dropHead(head: OutcomeFrame): void {
    this.#metrics.sinkDropped(this.#sink.name, head.count)
    this.#take(head)
  }

  #take(head: OutcomeFrame): void {
    this.#queue.shift()
    this.#inFlight = undefined
    this.#taken += head.count
    if (this.#taken === this.#offered) this.#urgent = false
    else this.#firstOfferMs = performance.now()
    this.#metrics.sinkQueue(this.#sink.name, this.#offered - this.#taken)
    while (this.#waiters.length > 0 && this.#waiters[0]!.upTo <= this.#taken) this.#waiters.shift()!.resolve()
  }
}
