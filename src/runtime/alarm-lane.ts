import { asOperatingError, messageOf, type OperatingError } from '../base/errors.ts'
import type { Log } from '../ports/log.ts'
import type { Metrics } from '../ports/metrics.ts'
import type { Sink } from '../ports/sink.ts'
import type { AlarmJournal, JournalEntry } from '../ports/state-store.ts'
import { Backoff } from './backoff.ts'
import type { LaneHealth } from './score-lane.ts'
import { Signal } from './signal.ts'

const batchTransitions = 100

/**
 * The way of alarms to one sink: from the journal, in order, retried for ever, with a cursor that survives a restart.
 *
 * A transition that the receiver refuses for good (4xx) is tried once alone, then counted, logged and passed over, so
 * that it does not stand in the way of the next.
 */
export class AlarmLane {
  readonly #sink: Sink
  readonly #journal: AlarmJournal
  readonly #metrics: Metrics
  readonly #log: Log
  readonly #backoff: Backoff
  readonly #signal = new Signal()
  /** For the cursor in the journal, which fails with the disk and not with the receiver. */
  readonly #saveBackoff = new Backoff(100, 10_000)
  #cursor = 0
  #isSaved = true
  #running = true
  #lastError = ''
  #idle: (() => void)[] = []
  #loop: Promise<void> | undefined

  constructor(sink: Sink, journal: AlarmJournal, metrics: Metrics, log: Log) {
    this.#sink = sink
    this.#journal = journal
    this.#metrics = metrics
    this.#log = log
    this.#backoff = new Backoff(sink.settings.retryInitialMs, sink.settings.retryMaxMs)
  }

  async start(): Promise<void> {
    const known = this.#journal.cursor(this.#sink.name)
    this.#cursor = known ?? this.#journal.last()
    if (known === undefined) await this.#journal.advance(this.#sink.name, this.#cursor)
    this.#loop = this.#run()
  }

  /** The journal has news. */
  wake(): void {
    this.#signal.wake()
  }

  /** Resolves when everything in the journal was taken. */
  drained(): Promise<void> {
    if (this.#cursor >= this.#journal.last()) return Promise.resolve()
    return new Promise((resolve) => this.#idle.push(resolve))
  }

  health(): LaneHealth {
    const waiting = `${this.#journal.last() - this.#cursor} alarm transitions waiting`
    const up = this.#lastError === ''
    return { name: `${this.#sink.name} (alarms)`, up, detail: up ? waiting : `${this.#lastError}; ${waiting}` }
  }

  async stop(): Promise<void> {
    this.#running = false
    this.#signal.wake()
    await this.#loop
  }

  async #run(): Promise<void> {
    while (this.#running) {
      const entries = this.#journal.read(this.#cursor, batchTransitions)
      if (entries.length === 0) {
        for (const resolve of this.#idle.splice(0)) resolve()
        if (this.#isSaved) await this.#signal.wait()
        else {
          await this.#signal.wait(this.#saveBackoff.nextMs())
          await this.#save()
        }
        continue
      }
      await this.#deliver(entries)
    }
    if (!this.#isSaved) await this.#save()
    for (const resolve of this.#idle.splice(0)) resolve()
  }

  async #deliver(entries: readonly JournalEntry[]): Promise<void> {
    const failure = await this.#write(entries)
    if (failure === undefined) return this.#advance(entries)
    if (failure.retryable) {
      await this.#pause(this.#backoff.nextMs())
      return
    }
    if (entries.length > 1) {
      for (const entry of entries) {
        if (!this.#running) return
        await this.#deliver([entry])
        if (this.#cursor < entry.sequence) return
      }
      return
    }
    const { transition } = entries[0]!
    this.#log.error(
      { sink: this.#sink.name, code: failure.code, alarm: transition.alarm.id, transition: transition.transitionId },
      `the receiver refused an alarm for good: ${failure.message}`,
    )
    await this.#advance(entries)
  }

  /** Waits out a backoff; new alarms do not shorten it, a stop does. */
  async #pause(ms: number): Promise<void> {
    const until = performance.now() + ms
    for (let left = ms; this.#running && left > 0; left = until - performance.now()) await this.#signal.wait(left)
  }

  async #write(entries: readonly JournalEntry[]): Promise<OperatingError | undefined> {
    try {
      await this.#sink.writeAlarms?.(entries.map((entry) => entry.transition))
    } catch (error) {
      const failure = asOperatingError(error, 'write')
      this.#metrics.sinkError(this.#sink.name, failure.code)
      if (this.#lastError === '') {
        this.#log.warn(
          { sink: this.#sink.name, code: failure.code },
          `alarms cannot be delivered, they wait in the journal: ${failure.message}`,
        )
      }
      this.#lastError = failure.retryable ? failure.message : ''
      return failure
    }
    if (this.#lastError !== '') this.#log.info({ sink: this.#sink.name }, 'the sink takes alarms again')
    this.#lastError = ''
    this.#backoff.reset()
    return undefined
  }

  async #advance(entries: readonly JournalEntry[]): Promise<void> {
    this.#cursor = entries.at(-1)!.sequence
    await this.#save()
  }

  /** A cursor that cannot be written holds no alarm up: it is written later, and a crash before that repeats what was delivered. */
  async #save(): Promise<void> {
    try {
      await this.#journal.advance(this.#sink.name, this.#cursor)
      this.#isSaved = true
      this.#saveBackoff.reset()
    } catch (error) {
      if (this.#isSaved) {
        this.#log.error(
          { sink: this.#sink.name, error: messageOf(error) },
          'the place of a receiver cannot be written, trying again',
        )
      }
      this.#isSaved = false
    }
  }
}
