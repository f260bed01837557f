/** Hears of each closed tick. `values` is reused: copy what is to be kept. Units: ms of event time, recorded arrival. */
export type TickListener = (timeMs: number, values: Float64Array, arrivalMs: number) => void

/** Periods that a channel's last reading counts for, on a grid. */
const agePeriods = 3

/** The former's own numbers, in their order. */
const at = { periodMs: 0, maxAgeMs: 1, tickMs: 2, isOpen: 3, isFixed: 4, begun: 5 } as const
const ownWidth = 6

/**
 * Makes ticks of the readings of an asset's channels as they come: the align stage, in the stream.
 *
 * Without a period, readings of equal event time are one tick, which closes when every channel has spoken or a later reading
 * comes; a channel that did not speak, or had no good value, is masked (NaN). With a period, tick k sees the last good reading of
 * each channel up to k·period, at most `maxAge` old, and closes when every channel has one of that time or later, or any is later;
 * ticks that no channel has anything for are left out. While channels are still being found, only a later reading closes.
 * A reading of a tick that has closed is left out of it.
 * State: `numbers`, for a snapshot. Allocates: when a channel is added.
 */
export class TickFormer {
  #own: Float64Array
  /** (C) the value of the open tick, or on a grid the last good one, with its time; the time of the last reading of any kind. */
  #value = new Float64Array(0)
  #valueMs = new Float64Array(0)
  #heardMs = new Float64Array(0)
  /** (C) 1: the tick waits for it. */
  #required = new Float64Array(0)
  /** (C) what the listener is given. */
  #row = new Float64Array(0)
  readonly #listener: TickListener

  constructor(listener: TickListener, periodMs = 0, maxAgeMs = 0) {
    this.#listener = listener
    this.#own = new Float64Array(ownWidth)
    this.regrid(periodMs, maxAgeMs)
  }

  get channels(): number {
    return this.#value.length
  }

  /** 0: ticks are readings of equal times. */
  get periodMs(): number {
    return this.#own[at.periodMs]!
  }

  /** Begins anew on a grid, or without one (0). Channels stay. */
  regrid(periodMs: number, maxAgeMs: number): void {
    this.#own.fill(0)
    this.#own[at.periodMs] = periodMs
    this.#own[at.maxAgeMs] = maxAgeMs > 0 ? maxAgeMs : agePeriods * periodMs
    this.#clear()
  }

  /** These channels are what a tick is made of, and there are no others: it may close when they have spoken. */
  require(channels: readonly number[]): void {
    this.#required.fill(0)
    for (const channel of channels) this.#required[channel] = 1
    this.#own[at.isFixed] = 1
  }

  /** Takes a reading; NaN: it had no good value, but was heard. */
  take(channel: number, timeMs: number, value: number, arrivalMs: number): void {
    if (this.periodMs > 0) this.#onGrid(channel, timeMs, value, arrivalMs)
    else this.#ofEqualTimes(channel, timeMs, value, arrivalMs)
  }

  /** Closes what is open. A reading that comes all the same belongs to the next tick, or to none. */
  finish(arrivalMs: number): void {
    if (this.#own[at.isOpen] === 0) return
    this.#close(arrivalMs)
    this.#own[at.tickMs] = this.#own[at.tickMs]! + this.periodMs
  }

  /** Nothing of this time or earlier will come any more: closes ticks up to then. */
  pass(timeMs: number, arrivalMs: number): void {
    const own = this.#own
    while (own[at.isOpen] === 1 && own[at.tickMs]! <= timeMs) {
      const hadAny = this.#close(arrivalMs)
      if (this.periodMs === 0) return
      own[at.tickMs] = own[at.tickMs]! + this.periodMs
      // Ticks without anything to show begin again with the next reading.
      if (hadAny) own[at.isOpen] = 1
    }
  }

  #ofEqualTimes(channel: number, timeMs: number, value: number, arrivalMs: number): void {
    const own = this.#own
    if (own[at.begun] === 1) {
      if (timeMs < own[at.tickMs]! || (timeMs === own[at.tickMs] && own[at.isOpen] === 0)) return
      if (timeMs > own[at.tickMs]!) this.finish(arrivalMs)
    }
    if (own[at.isOpen] === 0) {
      own[at.begun] = 1
      own[at.isOpen] = 1
      own[at.tickMs] = timeMs
      this.#clear()
    }
    this.#value[channel] = value
    this.#valueMs[channel] = timeMs
    this.#heardMs[channel] = timeMs
    if (own[at.isFixed] === 1 && this.#allHeard()) this.#close(arrivalMs)
  }

  #onGrid(channel: number, timeMs: number, value: number, arrivalMs: number): void {
    const own = this.#own
    const period = this.periodMs
    const next = Math.ceil(timeMs / period) * period
    if (own[at.begun] === 0) {
      own[at.begun] = 1
      own[at.tickMs] = next
    }
    own[at.isOpen] = 1
    // After long silence the ticks between have nothing to show: after the last that has, go on at this reading.
    while (timeMs > own[at.tickMs]!) {
      const hadAny = this.#close(arrivalMs)
      own[at.isOpen] = 1
      own[at.tickMs] = hadAny ? own[at.tickMs]! + period : Math.max(own[at.tickMs]! + period, next)
    }
    if (!(timeMs < this.#heardMs[channel]!)) this.#heardMs[channel] = timeMs
    if (!Number.isNaN(value) && !(timeMs < this.#valueMs[channel]!)) {
      this.#value[channel] = value
      this.#valueMs[channel] = timeMs
    }
    if (own[at.isFixed] === 1 && this.#allHeard()) {
      this.#close(arrivalMs)
      own[at.tickMs] = own[at.tickMs]! + period
    }
  }

  /** Whether every channel was heard at the open tick's time or later. */
  #allHeard(): boolean {
    const tickMs = this.#own[at.tickMs]!
    for (let channel = 0; channel < this.channels; channel++) {
      if (this.#required[channel] === 1 && !(this.#heardMs[channel]! >= tickMs)) return false
    }
    return true
  }

  /** Hands the open tick over, where any channel has a value or spoke for it; answers whether. */
  #close(arrivalMs: number): boolean {
    const own = this.#own
    own[at.isOpen] = 0
    const tickMs = own[at.tickMs]!
    const isGrid = this.periodMs > 0
    const row = this.#row
    let any = !isGrid
    for (let channel = 0; channel < this.channels; channel++) {
      const isFresh = !isGrid || tickMs - this.#valueMs[channel]! <= own[at.maxAgeMs]!
      row[channel] = isFresh ? this.#value[channel]! : Number.NaN
      any ||= !Number.isNaN(row[channel]!)
    }
    if (any) this.#listener(tickMs, row, arrivalMs)
    return any
  }

  #clear(): void {
    this.#value.fill(Number.NaN)
    this.#valueMs.fill(Number.NaN)
    this.#heardMs.fill(Number.NaN)
  }

  /** Another channel; answers its index. */
  add(): number {
    const channels = this.channels + 1
    const longer = (column: Float64Array) => {
      const grown = new Float64Array(channels).fill(Number.NaN)
      grown.set(column)
      return grown
    }
    this.#value = longer(this.#value)
    this.#valueMs = longer(this.#valueMs)
    this.#heardMs = longer(this.#heardMs)
    const required = new Float64Array(channels)
    required.set(this.#required)
    this.#required = required
    this.#row = new Float64Array(channels)
    return channels - 1
  }

  /** Everything that a snapshot keeps, as copies. */
  get numbers(): readonly Float64Array[] {
    return [
      this.#own.slice(),
      this.#value.slice(),
      this.#valueMs.slice(),
      this.#heardMs.slice(),
      this.#required.slice(),
    ]
  }

  set numbers([own, value, valueMs, heardMs, required]: readonly Float64Array[]) {
    this.#own = own!.slice()
    this.#value = value!.slice()
    this.#valueMs = valueMs!.slice()
    this.#heardMs = heardMs!.slice()
    this.#required = required!.slice()
    this.#row = new Float64Array(value!.length)
  }
}
