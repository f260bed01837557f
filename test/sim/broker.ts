import type { Decoder } from '../../src/domain/record.ts'
import type { Delivery, Source, SourceContext } from '../../src/ports/source.ts'
import type { Fate, Process } from './fate.ts'
import { readingDecoder, type SimReading, writeReading } from './readings.ts'

/** Readings waiting at a broker, and how far they were acknowledged. */
interface Lane {
  readonly readings: SimReading[]
  /** All before this were acknowledged. */
  acknowledged: number
}

/**
 * A broker with partitions. `log` is Kafka's way: positions, kept with the state and by the broker, and partitions that are taken
 * away and given back. `queue` is MQTT's: no positions; what was not acknowledged comes again at the next connection.
 */
export class Broker {
  readonly kind: 'log' | 'queue'
  readonly lanes: readonly Lane[]
  readonly #fate: Fate
  #client: Client | undefined

  constructor(kind: Broker['kind'], partitions: number, fate: Fate) {
    this.kind = kind
    this.#fate = fate
    this.lanes = Array.from({ length: partitions }, () => ({ readings: [], acknowledged: 0 }))
  }

  publish(partition: number, reading: SimReading): void {
    this.lanes[partition]!.readings.push(reading)
    this.#client?.nudge(partition)
  }

  get isDrained(): boolean {
    return this.lanes.every(({ readings, acknowledged }) => acknowledged === readings.length)
  }

  /** A source of one process; the broker knows only the newest. */
  source(process: Process): Source {
    this.#client = new Client(this, process, this.#fate)
    return this.#client
  }

  /** Cuts the connection of whoever is there. */
  cut(ms: number): void {
    this.#client?.cut(ms)
  }

  /** Takes a partition away and gives it back later. */
  rebalance(partition: number, ms: number): void {
    this.#client?.rebalance(partition, ms)
  }

  /** Everything of the lane before `upTo`. */
  acknowledge(partition: number, upTo: number): void {
    const lane = this.lanes[partition]!
    lane.acknowledged = Math.max(lane.acknowledged, upTo)
    this.#client?.nudge(partition)
  }
}

const pollMs = 5
const batchMost = 6
/** Readings that a queue hands out before the first is acknowledged: MQTT's receive maximum. */
const inFlightMost = 20

class Client implements Source {
  readonly name: string
  readonly decoder: Decoder = readingDecoder
  readonly #broker: Broker
  readonly #process: Process
  readonly #fate: Fate
  #context: SourceContext | undefined
  #isUp = false
  #isStopped = false
  /** Counts connections and assignments: what was sent in an earlier one cannot be acknowledged as if nothing had been. */
  readonly #epoch: number[]
  readonly #next: number[]
  readonly #isOurs: boolean[]
  readonly #idle: (() => void)[] = []

  constructor(broker: Broker, process: Process, fate: Fate) {
    this.name = broker.kind
    this.#broker = broker
    this.#process = process
    this.#fate = fate
    this.#epoch = broker.lanes.map(() => 0)
    this.#next = broker.lanes.map(() => 0)
    this.#isOurs = broker.lanes.map(() => true)
  }

  async start(context: SourceContext): Promise<void> {
    this.#context = context
    for (const [partition, { acknowledged }] of this.#broker.lanes.entries()) {
      const kept = this.#broker.kind === 'log' ? context.positions[String(partition)] : undefined
      this.#next[partition] = kept === undefined ? acknowledged : Number(kept)
      // What the state has is acknowledged, whatever became of the acknowledgement in the last run.
      void this.#acknowledge(partition, this.#next[partition]!, this.#epoch[partition]!).catch(() => undefined)
      void this.#read(partition)
    }
    this.#up(true)
  }

  async stop(): Promise<void> {
    this.#isStopped = true
  }

  async close(): Promise<void> {}

  cut(ms: number): void {
    if (!this.#isAlive) return
    this.#up(false)
    this.#fate.time.after(ms, () => {
      if (!this.#isAlive) return
      for (const partition of this.#next.keys()) this.#rewind(partition)
      this.#up(true)
    })
  }

  rebalance(partition: number, ms: number): void {
    if (!this.#isAlive || !this.#isOurs[partition] || this.#broker.kind !== 'log') return
    this.#isOurs[partition] = false
    this.#epoch[partition]! += 1
    this.#context?.revoked([String(partition)])
    this.#fate.time.after(ms, () => {
      this.#isOurs[partition] = true
      this.#rewind(partition)
    })
  }

  get #isAlive(): boolean {
    return this.#process.isAlive && !this.#isStopped && this.#context !== undefined
  }

  #up(isUp: boolean): void {
    this.#isUp = isUp
    this.#context?.connected(isUp, isUp ? undefined : 'cut')
    for (const partition of this.#next.keys()) this.nudge(partition)
  }

  /** Something is new: whoever waits in vain looks again. */
  nudge(partition: number): void {
    this.#idle[partition]?.()
  }

  /** As a broker goes on with a client that came back: what was not acknowledged comes again. */
  #rewind(partition: number): void {
    this.#epoch[partition]! += 1
    this.#next[partition] = this.#broker.lanes[partition]!.acknowledged
    this.nudge(partition)
  }

  async #read(partition: number): Promise<void> {
    const { time, random } = this.#fate
    const lane = this.#broker.lanes[partition]!
    while (this.#isAlive) {
      await time.sleep(pollMs * random.uniform(), this.#process)
      if (!this.#isAlive) return
      const from = this.#next[partition]!
      const isFull = this.#broker.kind === 'queue' && from - lane.acknowledged >= inFlightMost
      const count = Math.min(1 + random.integer(batchMost), lane.readings.length - from)
      if (!this.#isUp || !this.#isOurs[partition] || isFull || count <= 0) {
        await new Promise<void>((resolve) => {
          this.#idle[partition] = resolve
        })
        continue
      }
      this.#next[partition] = from + count
      const delivery = this.#deliveryOf(partition, from, lane.readings.slice(from, from + count))
      const epoch = this.#epoch[partition]
      await this.#fate.operate(this.#process, 'a poll', () => undefined).catch(() => undefined)
      // A cut or a rebalance on the way: these never arrive, and come again.
      if (epoch === this.#epoch[partition] && this.#isUp) await this.#context!.deliver(delivery)
    }
  }

  #deliveryOf(partition: number, from: number, readings: readonly SimReading[]): Delivery {
    const upTo = from + readings.length
    const epoch = this.#epoch[partition]!
    return {
      records: [{ bytes: writeReading(readings), topic: 't', key: null, arrivalMs: this.#fate.time.now }],
      positions: this.#broker.kind === 'log' ? { [String(partition)]: String(upTo) } : {},
      acknowledge: () => this.#acknowledge(partition, upTo, epoch),
    }
  }

  async #acknowledge(partition: number, upTo: number, epoch: number): Promise<void> {
    try {
      await this.#fate.operate(this.#process, 'an acknowledgement', () => {
        if (epoch === this.#epoch[partition]) this.#broker.acknowledge(partition, upTo)
      })
    } catch (error) {
      // As a client that cannot send: the connection is gone, and the next one brings what was not acknowledged.
      this.cut(1)
      throw error
    }
  }
}
