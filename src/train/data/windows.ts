import type { Examples } from '../fit/examples.ts'
import type { RowRange } from './history.ts'
import type { LinearSaid, Prepared } from './prepare.ts'

/** How a history is cut into windows, and what is asked of each. */
export interface WindowOptions {
  readonly ticks: number
  /** Rows between the beginnings of two windows. */
  readonly stride: number
  /** Targets: the next `horizons` values of every channel, in the order horizon, channel. */
  readonly horizons: number
  /** `change`: v[t+h] − v[t]; `level`: v[t+h]. */
  readonly target: 'change' | 'level'
  /** A target for every tick, or only for the last. */
  readonly every: boolean
}

interface Place {
  readonly prepared: Prepared
  readonly from: number
  /** Rows before it are inputs, and no targets: they are the part before. */
  readonly targetsFrom: number
  /** Rows from here on are not looked at, neither as input nor as target. */
  readonly end: number
}

/**
 * Windows of prepared histories that are judged within a part of each. None crosses a gap or the end of its part,
 * targets included. The first ones look back across the beginning of their part: what was before is known by then and
 * may be an input, but is never a target.
 *
 * Shapes: x (B,T,I); target (B,T,O) or (B,O) with O = horizons × channels.
 */
export class HistoryWindows implements Examples {
  readonly ticks: number
  readonly inputs: number
  readonly targets: number
  readonly every: boolean
  readonly #options: WindowOptions
  readonly #places: Place[] = []

  constructor(parts: readonly { readonly prepared: Prepared; readonly range: RowRange }[], options: WindowOptions) {
    const { history, inputs } = parts[0]!.prepared
    this.ticks = options.ticks
    this.inputs = inputs.length / history.timeMs.length
    this.targets = options.horizons * history.channels.length
    this.every = options.every
    this.#options = options
    for (const { prepared, range } of parts) this.#cut(prepared, range)
  }

  get count(): number {
    return this.#places.length
  }

  /** Where a window begins: its history and row. */
  place(index: number): { readonly prepared: Prepared; readonly from: number } {
    return this.#places[index]!
  }

  #cut(prepared: Prepared, range: RowRange): void {
    const { gapBefore } = prepared.history
    const { ticks, stride } = this.#options
    let start = range.from
    while (start > 0 && start > range.from - ticks && gapBefore[start] !== 1) start--
    for (let row = range.from + 1; row <= range.to; row++) {
      if (row < range.to && gapBefore[row] !== 1) continue
      // A window needs a value behind its last tick to be judged by.
      for (let from = start; from + ticks < row; from += stride) {
        this.#places.push({ prepared, from, targetsFrom: range.from, end: row })
      }
      start = row
    }
  }

  fill(which: Int32Array, x: Float32Array, target: Float32Array): void {
    const { ticks, inputs, targets } = this
    const answers = this.every ? ticks : 1
    for (const [window, index] of which.entries()) {
      const place = this.#places[index]!
      const { prepared, from } = place
      x.set(prepared.inputs.subarray(from * inputs, (from + ticks) * inputs), window * ticks * inputs)
      for (let answer = 0; answer < answers; answer++) {
        const now = this.every ? from + answer : from + ticks - 1
        this.#target(place, now, target, (window * answers + answer) * targets)
      }
    }
  }

  #target({ prepared, targetsFrom, end }: Place, now: number, to: Float32Array, at: number): void {
    const { scaled, history, linear } = prepared
    const { horizons, target } = this.#options
    const channels = history.channels.length
    for (let h = 1; h <= horizons; h++) {
      for (let c = 0; c < channels; c++) {
        const isJudged = now + h >= targetsFrom && now + h < end
        const later = isJudged ? scaled[(now + h) * channels + c]! : Number.NaN
        if (linear !== undefined) to[at + h - 1] = leftOf(linear, later, now, h)
        else to[at + (h - 1) * channels + c] = target === 'level' ? later : later - scaled[now * channels + c]!
      }
    }
  }
}

/** What the linear part leaves of a value `h` rows after `now`, in its own unit; one channel. */
function leftOf({ part: { scale }, said }: LinearSaid, later: number, now: number, h: number): number {
  return (later - said[now * scale.length + h - 1]!) / scale[h - 1]!
}
