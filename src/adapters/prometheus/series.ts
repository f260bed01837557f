/**
 * The newest score of each sensor, for at most `capacity` sensors: a scrape must stay readable in a large plant.
 *
 * A sensor beyond the capacity is refused and counted once, until it is removed. First come, first kept.
 */
export class ScoreSeries {
  readonly capacity: number
  readonly #scores = new Map<string, number>()
  readonly #refused = new Set<string>()
  readonly #onRefused: () => void

  constructor(capacity: number, onRefused: () => void) {
    this.capacity = capacity
    this.#onRefused = onRefused
  }

  set(sensor: string, score: number): void {
    if (this.#scores.size < this.capacity || this.#scores.has(sensor)) {
      this.#scores.set(sensor, score)
      this.#refused.delete(sensor)
    } else if (!this.#refused.has(sensor)) {
      this.#refused.add(sensor)
      this.#onRefused()
    }
  }

  remove(sensor: string): void {
    this.#scores.delete(sensor)
    this.#refused.delete(sensor)
  }

  entries(): IterableIterator<[sensor: string, score: number]> {
    return this.#scores.entries()
  }
}
