import type { Frame } from '../domain/frame.ts'

/** Which slots explain which. */
export interface Links {
  contextsOf(slot: number): Int32Array
  dependentsOf(slot: number): readonly number[]
}

/**
 * Orders a frame's rows into waves: wave k holds the k-th reading of each sensor, so its slots are distinct and the
 * kernel can step them as one batch. Where sensors explain others, a row comes in a later wave than the rows of its context
 * that stand before it, and not in an earlier one than those that it explains: within a pair it is as if each row came alone.
 *
 * Shapes:    rows (frame rows), wave after wave; starts (waves + 1), first place of each wave.
 * Allocates: per-slot counters at construction; row arrays when a larger frame than before comes.
 */
export class Waves {
  rows = new Int32Array(0)
  starts = new Int32Array(1)
  count = 0
  readonly #seen: Int32Array
  #waveOf = new Int32Array(0)

  constructor(slots: number) {
    this.#seen = new Int32Array(slots)
  }

  arrange(frame: Frame, links: Links | null): void {
    const n = frame.count
    if (this.rows.length < n) {
      this.rows = new Int32Array(frame.capacity)
      this.#waveOf = new Int32Array(frame.capacity)
      this.starts = new Int32Array(frame.capacity + 2)
    }
    const { slot } = frame
    const starts = this.starts.fill(0, 0, n + 2)
    let waves = 0
    for (let row = 0; row < n; row++) {
      const wave = links === null ? this.#seen[slot[row]!]! : this.#linked(slot[row]!, links)
      this.#seen[slot[row]!] = wave + 1
      this.#waveOf[row] = wave
      starts[wave + 2] = starts[wave + 2]! + 1
      if (wave >= waves) waves = wave + 1
    }
    for (let row = 0; row < n; row++) this.#seen[slot[row]!] = 0
    for (let wave = 2; wave <= waves; wave++) starts[wave] = starts[wave]! + starts[wave - 1]!
    for (let row = 0; row < n; row++) {
      const wave = this.#waveOf[row]! + 1
      const place = starts[wave]!
      this.rows[place] = row
      starts[wave] = place + 1
    }
    this.count = waves
  }

  /** The first wave that a row of the slot may be in. */
  #linked(slot: number, links: Links): number {
    let wave = this.#seen[slot]!
    for (const context of links.contextsOf(slot)) if (context >= 0) wave = Math.max(wave, this.#seen[context]!)
    for (const dependent of links.dependentsOf(slot)) wave = Math.max(wave, this.#seen[dependent]! - 1)
    return wave
  }
}
