/** Takes a reading in the order of event time. Units: ms of event time. */
export type OrderedReading = (channel: number, timeMs: number, value: number) => void

/** Numbers of one reading that waits: its channel, its time, its value. */
const width = 3

/**
 * Readings of an asset's channels that wait for earlier ones, so that ticks are formed in the order of event time.
 *
 * A reading goes on when every required channel has been heard at its time or later, for a channel's own readings come in order, or
 * when the asset's watermark, the newest event time of any channel, is `latenessMs` past it. A reading that comes later than that goes
 * on at once, and the tick that has closed is left as it is. Beyond `most` readings the oldest go on.
 * State: `numbers`, for a snapshot. Allocates: as readings wait.
 */
export class WaitingReadings {
  readonly #latenessMs: number
  readonly #most: number
  readonly #listener: OrderedReading
  /** In the order of time, equal times in the order of arrival. */
  readonly #channel: number[] = []
  readonly #timeMs: number[] = []
  readonly #value: number[] = []
  /** By channel, the newest time at which it was heard; −Infinity before. */
  readonly #heardMs: number[] = []
  #required: readonly number[] = []
  #watermarkMs = Number.NEGATIVE_INFINITY

  constructor(latenessMs: number, most: number, listener: OrderedReading) {
    this.#latenessMs = latenessMs
    this.#most = most
    this.#listener = listener
  }

  /** The channels that a tick waits for; none: only the watermark counts. */
  require(channels: readonly number[]): void {
    this.#required = [...channels]
  }

  /** Takes a reading, and lets those go on that nothing earlier can come before. Answers until when all is known. */
  take(channel: number, timeMs: number, value: number): number {
    let at = this.#timeMs.length
    while (at > 0 && this.#timeMs[at - 1]! > timeMs) at--
    this.#channel.splice(at, 0, channel)
    this.#timeMs.splice(at, 0, timeMs)
    this.#value.splice(at, 0, value)
    while (this.#heardMs.length <= channel) this.#heardMs.push(Number.NEGATIVE_INFINITY)
    this.#heardMs[channel] = Math.max(this.#heardMs[channel]!, timeMs)
    this.#watermarkMs = Math.max(this.#watermarkMs, timeMs)
    const known = this.#known()
    let ready = Math.max(0, this.#timeMs.length - this.#most)
    while (ready < this.#timeMs.length && this.#timeMs[ready]! <= known) ready++
    this.#release(ready)
    return known
  }

  /** No reading will come any more. */
  finish(): void {
    this.#release(this.#timeMs.length)
  }

  #known(): number {
    const passed = this.#watermarkMs - this.#latenessMs
    if (this.#required.length === 0) return passed
    let heard = Number.POSITIVE_INFINITY
    for (const channel of this.#required) heard = Math.min(heard, this.#heardMs[channel] ?? Number.NEGATIVE_INFINITY)
    return Math.max(passed, heard)
  }

  #release(count: number): void {
    const channels = this.#channel.splice(0, count)
    const times = this.#timeMs.splice(0, count)
    const values = this.#value.splice(0, count)
    for (const [at, channel] of channels.entries()) this.#listener(channel, times[at]!, values[at]!)
  }

  /** Everything that a snapshot keeps, as copies: the watermark, what was heard, what waits. */
  get numbers(): readonly Float64Array[] {
    const waiting = new Float64Array(width * this.#timeMs.length)
    for (const [at, channel] of this.#channel.entries()) {
      waiting.set([channel, this.#timeMs[at]!, this.#value[at]!], width * at)
    }
    return [Float64Array.of(this.#watermarkMs, ...this.#heardMs), waiting]
  }

  set numbers([heard, waiting]: readonly Float64Array[]) {
    const [watermarkMs, ...heardMs] = heard!
    this.#watermarkMs = watermarkMs!
    this.#heardMs.splice(0, this.#heardMs.length, ...heardMs)
    for (const column of [this.#channel, this.#timeMs, this.#value]) column.length = 0
    for (let at = 0; at < waiting!.length; at += width) {
      this.#channel.push(waiting![at]!)
      this.#timeMs.push(waiting![at + 1]!)
      this.#value.push(waiting![at + 2]!)
    }
  }
}
