import type { KafkaMessage } from 'kafkajs'

/** A partition with the part of it that is read: offsets from `low` on, below `high`. */
export interface PartitionRange {
  readonly topic: string
  readonly partition: number
  readonly low: bigint
  readonly high: bigint
}

/** A message with the topic that it is of. */
export interface TopicMessage {
  readonly topic: string
  readonly message: KafkaMessage
}

interface Lane extends PartitionRange {
  messages: KafkaMessage[]
  /** Messages before it are taken. */
  head: number
  /** The next offset that is to come. */
  next: bigint
}

/**
 * Makes one sequence of several partitions: always the oldest of their next messages, by the time that each carries.
 *
 * Nothing is given while a partition that has not ended has nothing waiting, so the sequence depends on what the partitions hold and
 * not on when it came. Each partition's own order stays.
 * Memory: what was put in and not yet taken; `waiting` tells when to ask for no more.
 */
export class MergedPartitions {
  readonly #lanes: readonly Lane[]
  /** Messages taken so far. */
  taken = 0

  constructor(ranges: readonly PartitionRange[]) {
    const sorted = ranges.toSorted((a, b) =>
      a.topic < b.topic ? -1 : a.topic > b.topic ? 1 : a.partition - b.partition,
    )
    this.#lanes = sorted.map((range) => ({ ...range, messages: [], head: 0, next: range.low }))
  }

  /** Offsets in all partitions together: at least as many as there are messages. */
  get total(): number {
    return this.#lanes.reduce((sum, { low, high }) => sum + Number(high - low), 0)
  }

  /** Messages of a partition that wait. */
  waiting(topic: string, partition: number): number {
    const lane = this.#lane(topic, partition)
    return lane === undefined ? 0 : lane.messages.length - lane.head
  }

  /** Whether everything of a partition was put in. */
  hasEnded(topic: string, partition: number): boolean {
    const lane = this.#lane(topic, partition)
    return lane === undefined || lane.next >= lane.high
  }

  /** Whether everything was put in and taken. */
  get isDone(): boolean {
    return this.#lanes.every(({ next, high, messages, head }) => next >= high && head === messages.length)
  }

  /** Puts messages of a partition in, in order; those behind its end are left out, those that it has are, too. */
  put(topic: string, partition: number, messages: readonly KafkaMessage[]): void {
    const lane = this.#lane(topic, partition)
    if (lane === undefined) return
    for (const message of messages) {
      const offset = BigInt(message.offset)
      if (offset < lane.next || offset >= lane.high) continue
      lane.messages.push(message)
      lane.next = offset + 1n
    }
  }

  /** Everything up to this offset was put in, or is no message: the end of a transaction, or compacted away. */
  passed(topic: string, partition: number, offset: bigint): void {
    const lane = this.#lane(topic, partition)
    if (lane === undefined || offset < lane.next) return
    lane.next = offset + 1n < lane.high ? offset + 1n : lane.high
  }

  /** The next messages, at most so many; none while one must be waited for. */
  take(most: number): TopicMessage[] {
    const found: TopicMessage[] = []
    while (found.length < most) {
      const lane = this.#next()
      if (lane === undefined) break
      found.push({ topic: lane.topic, message: lane.messages[lane.head]! })
      lane.head += 1
      if (lane.head < 1_024 || lane.head * 2 < lane.messages.length) continue
      lane.messages = lane.messages.slice(lane.head)
      lane.head = 0
    }
    this.taken += found.length
    return found
  }

  /** The partition whose next message is the oldest; undefined while that cannot be said, and at the end. */
  #next(): Lane | undefined {
    let oldest: Lane | undefined
    let oldestMs = Number.POSITIVE_INFINITY
    for (const lane of this.#lanes) {
      if (lane.head === lane.messages.length) {
        if (lane.next < lane.high) return undefined
        continue
      }
      const timeMs = Number(lane.messages[lane.head]!.timestamp)
      if (oldest !== undefined && timeMs >= oldestMs) continue
      oldest = lane
      oldestMs = timeMs
    }
    return oldest
  }

  #lane(topic: string, partition: number): Lane | undefined {
    return this.#lanes.find((lane) => lane.topic === topic && lane.partition === partition)
  }
}
