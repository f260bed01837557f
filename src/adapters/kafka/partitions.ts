/** A partition that this consumer owns. Offsets are decimal texts, as Kafka's are 64 bits wide. */
export interface Partition {
  readonly name: string
  readonly topic: string
  readonly partition: number
  /** The offset after the last record that was handed to the runtime; undefined before the first. */
  delivered: string | undefined
  /** The offset after the last record that sinks and state have. */
  acknowledged: string | undefined
  /** The offset that the group holds, as far as we put it there. */
  committed: string | undefined
  /** Messages between `delivered` and the end of the partition. */
  lag: number
}

/** A place in a partition. */
export interface Place {
  readonly topic: string
  readonly partition: number
  readonly offset: string
}

/** The name of a partition's position in the state: `topic:partition`. */
export function positionName(topic: string, partition: number): string {
  return `${topic}:${partition}`
}

/**
 * Which partitions are ours, and how far each is delivered, acknowledged and committed.
 *
 * A position stored with the state wins over the group's offset, until the partition is taken away: then both the
 * runtime and this table forget it, and whoever gets the partition goes on from the group's offset.
 */
export class Partitions {
  readonly #stored: Map<string, string>
  #owned = new Map<string, Partition>()
  #beginnings: Readonly<Record<string, string>> = {}

  constructor(positions: Readonly<Record<string, string>>) {
    this.#stored = new Map(Object.entries(positions))
  }

  /** Where to begin in partitions for which nobody holds a position; counts as acknowledged, so that it is committed. */
  begin(places: Readonly<Record<string, string>>): void {
    this.#beginnings = places
  }

  find(topic: string, partition: number): Partition | undefined {
    return this.#owned.get(positionName(topic, partition))
  }

  /**
   * The group has a new assignment.
   * @returns the names that are lost, and where to read on in the partitions that we know better than the group
   */
  assign(assignment: Readonly<Record<string, readonly number[]>>): {
    readonly lost: string[]
    readonly seeks: Place[]
  } {
    const owned = new Map<string, Partition>()
    const seeks: Place[] = []
    for (const [topic, partitions] of Object.entries(assignment)) {
      for (const partition of partitions) {
        const name = positionName(topic, partition)
        const kept = this.#owned.get(name) ?? this.#fresh(name, topic, partition)
        owned.set(name, kept)
        if (kept.delivered !== undefined) seeks.push({ topic, partition, offset: kept.delivered })
      }
    }
    const lost = [...this.#owned.keys()].filter((name) => !owned.has(name))
    for (const name of lost) this.#stored.delete(name)
    this.#owned = owned
    return { lost, seeks }
  }

  /** Notes an acknowledgement; false when the partition was taken away since its records were delivered. */
  acknowledge(partition: Partition, offset: string): boolean {
    if (this.#owned.get(partition.name) !== partition) return false
    partition.acknowledged = offset
    return true
  }

  /** What the group does not hold yet. */
  uncommitted(): Place[] {
    const places: Place[] = []
    for (const { topic, partition, acknowledged, committed } of this.#owned.values()) {
      if (acknowledged !== undefined && acknowledged !== committed)
        places.push({ topic, partition, offset: acknowledged })
    }
    return places
  }

  committed(places: readonly Place[]): void {
    for (const { topic, partition, offset } of places) {
      const owned = this.find(topic, partition)
      if (owned !== undefined) owned.committed = offset
    }
  }

  lag(): number {
    let sum = 0
    for (const { lag } of this.#owned.values()) sum += lag
    return sum
  }

  #fresh(name: string, topic: string, partition: number): Partition {
    const position = this.#stored.get(name)
    const beginning = position === undefined ? this.#beginnings[name] : undefined
    const delivered = position ?? beginning
    // The state has everything before its position: the group is told so, or it shows a lag until the next record.
    return { name, topic, partition, delivered, acknowledged: delivered, committed: undefined, lag: 0 }
  }
}
