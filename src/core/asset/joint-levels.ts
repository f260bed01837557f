import { jointRecipe } from './joint-recipe.ts'
import type { JointRows, JointScale } from './joint-rows.ts'

/** Numbers of the levels' state. */
export function levelsWidth(channels: number): number {
  return 2 * channels
}

/**
 * The levels of channels that went somewhere while an asset was learned, such as a motor that warms: where such a channel will go on
 * to nobody knows, so it counts by how far it is from its own level, which follows at once; the drift alarm looks at the level.
 *
 * Shapes: gain (C), 0: the channel stands and is left as it is, else what the distance from the level is multiplied by. State:
 * `state` (levelsWidth): the levels, NaN before the first value, and those before the newest tick.
 */
export class JointLevels {
  readonly #gain: Float64Array
  readonly #level: Float64Array
  readonly #before: Float64Array

  constructor(gain: Float64Array, state: Float64Array = new Float64Array(levelsWidth(gain.length)).fill(Number.NaN)) {
    this.#gain = gain
    this.#level = state.subarray(0, gain.length)
    this.#before = state.subarray(gain.length)
  }

  /** A gap: a channel may be anywhere after it. */
  restart(): void {
    this.#level.fill(Number.NaN)
  }

  /** Makes distances from the levels of a tick in scaled units, in place; the levels then follow. Shapes: z (C). */
  take(z: Float64Array): void {
    const { levelWeight, scaledMost } = jointRecipe
    for (let i = 0; i < z.length; i++) {
      const value = z[i]!
      const gain = this.#gain[i]!
      if (gain === 0 || Number.isNaN(value)) continue
      if (Number.isNaN(this.#level[i]!)) this.#level[i] = value
      const level = this.#level[i]!
      this.#before[i] = level
      this.#level[i] = level + levelWeight * (value - level)
      z[i] = Math.max(-scaledMost, Math.min(scaledMost, gain * (value - level)))
    }
  }

  /** What a distance of a channel in the newest tick is in scaled units. */
  scaled(channel: number, distance: number): number {
    const gain = this.#gain[channel]!
    return gain === 0 ? distance : this.#before[channel]! + distance / gain
  }
}

/** What was learned of the channels' levels. Shapes: (C) each. */
export interface LearnedLevels {
  /** As `JointLevels` wants it. */
  readonly gain: Float64Array
  /** How far from its centre a level is a drift, in scaled units; Infinity for a channel that stood. */
  readonly levelLimit: Float64Array
}

/** Parts of the learned ticks between which a channel may have gone somewhere. */
const parts = 4

/** Finds the channels that went somewhere, and how they are to be seen. Shapes: values of `rows` (T,C). */
export function learnLevels(rows: JointRows, scale: JointScale): LearnedLevels {
  const gain = new Float64Array(rows.channels)
  const levelLimit = new Float64Array(rows.channels).fill(Number.POSITIVE_INFINITY)
  for (let channel = 0; channel < rows.channels; channel++) {
    const means = partMeans(rows, scale, channel)
    const share = means.reduce((sum, mean) => sum + mean * mean, 0) / means.length
    if (!(share > jointRecipe.travelShareMin)) continue
    gain[channel] = gainOf(rows, scale, channel)
    if (gain[channel] === 0) continue
    // A part's mean from that of the others: the mean of all is 0.
    const farthest = means.reduce((most, mean) => Math.max(most, Math.abs(mean)), 0) / (1 - 1 / means.length)
    levelLimit[channel] = jointRecipe.driftMargin * farthest
  }
  return { gain, levelLimit }
}

function scaledAt({ channels, values }: JointRows, { center, unit }: JointScale, row: number, channel: number): number {
  return (values[row * channels + channel]! - center[channel]!) / unit[channel]!
}

/** The means of a channel over the parts that have it. */
function partMeans(rows: JointRows, scale: JointScale, channel: number): number[] {
  const ticks = rows.breaks.length
  const means = Array.from({ length: parts }, (_, part) => {
    let [sum, count] = [0, 0]
    for (let row = Math.floor((part * ticks) / parts); row < Math.floor(((part + 1) * ticks) / parts); row++) {
      const value = scaledAt(rows, scale, row, channel)
      if (Number.isNaN(value)) continue
      sum += value
      count++
    }
    return sum / count
  })
  return means.filter((mean) => !Number.isNaN(mean))
}

/** One over the root mean square of a channel's distance from its level; 0 where it never leaves it. */
function gainOf(rows: JointRows, scale: JointScale, channel: number): number {
  const levels = new JointLevels(Float64Array.of(1))
  const z = new Float64Array(1)
  let [squares, count] = [0, 0]
  for (let row = 0; row < rows.breaks.length; row++) {
    if (rows.breaks[row] === 1) levels.restart()
    z[0] = scaledAt(rows, scale, row, channel)
    levels.take(z)
    if (Number.isNaN(z[0]!)) continue
    squares += z[0]! * z[0]!
    count++
  }
  return squares > 0 ? Math.sqrt(count / squares) : 0
}
