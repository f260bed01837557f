import { jointRecipe } from './joint-recipe.ts'

/** Learned ticks of an asset. Shapes: values (T,C) row-major in the channels' units, NaN where masked; breaks (T), 1: a gap before. */
export interface JointRows {
  readonly channels: number
  readonly values: Float64Array
  readonly breaks: Uint8Array
}

/** Centre and unit of each channel: z = (x − center) / unit, cut at ±50. */
export interface JointScale {
  readonly center: Float64Array
  readonly unit: Float64Array
}

/** A standard deviation below this share of the mean is that of a constant: rounding and nothing else. */
const constantShare = 1e-9
/** Nothing is known of how far a constant channel moves when it does: this share of its value is the unit. */
const constantUnitShare = 0.01

/** Mean and standard deviation of each channel over the ticks that have it. */
export function scaleOf({ channels, values }: JointRows): JointScale {
  const center = new Float64Array(channels)
  const unit = new Float64Array(channels)
  for (let channel = 0; channel < channels; channel++) {
    let count = 0
    let mean = 0
    let squares = 0
    for (let at = channel; at < values.length; at += channels) {
      const value = values[at]!
      if (Number.isNaN(value)) continue
      count++
      const before = value - mean
      mean += before / count
      squares += before * (value - mean)
    }
    const deviation = count > 0 ? Math.sqrt(squares / count) : 0
    center[channel] = mean
    if (deviation > constantShare * Math.abs(mean)) unit[channel] = deviation
    else unit[channel] = mean === 0 ? 1 : constantUnitShare * Math.abs(mean)
  }
  return { center, unit }
}

/** Writes a tick in scaled units; a masked channel stays NaN. Shapes: values and z (C), from `from` on in `values`. */
export function scaleTick(scale: JointScale, values: Float64Array, from: number, z: Float64Array): void {
  const { center, unit } = scale
  const most = jointRecipe.scaledMost
  for (let channel = 0; channel < z.length; channel++) {
    z[channel] = Math.max(-most, Math.min(most, (values[from + channel]! - center[channel]!) / unit[channel]!))
  }
}

/** Numbers that the memory of past ticks takes: how many it holds, the constant, and two ticks. */
export function lagsWidth(channels: number): number {
  return 2 + jointRecipe.lags * channels
}

/**
 * The ticks before a tick, as the regressions see them: 1, then every channel of the last tick, then of the one before.
 *
 * A masked channel is remembered as what the model expected of it, or, while there is no model, as what it last was.
 * Shapes: `state` (lagsWidth), in which everything lies; x (1 + 2·C), a part of it.
 */
export class Lags {
  readonly x: Float64Array
  readonly #state: Float64Array
  readonly #channels: number

  constructor(channels: number, state: Float64Array = new Float64Array(lagsWidth(channels))) {
    this.#channels = channels
    this.#state = state
    this.x = state.subarray(1)
  }

  /** Whether enough ticks were seen since the last gap. */
  get isReady(): boolean {
    return this.#state[0]! >= jointRecipe.lags
  }

  /** A gap: the ticks before it say nothing of those after it. */
  restart(): void {
    this.#state[0] = 0
  }

  /** Takes a tick in scaled units; `instead` (C) stands in for masked channels. */
  push(z: Float64Array, instead?: Float64Array): void {
    const { x } = this
    const channels = this.#channels
    x[0] = 1
    x.copyWithin(1 + channels, 1, 1 + channels)
    for (let channel = 0; channel < channels; channel++) {
      const value = z[channel]!
      if (!Number.isNaN(value)) x[1 + channel] = value
      else if (instead !== undefined) x[1 + channel] = instead[channel]!
    }
    if (!this.isReady) this.#state[0] = this.#state[0]! + 1
  }
}
