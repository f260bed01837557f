/**
 * Windows to learn from, or to be judged on; all of one size.
 *
 * Shapes: x (B,T,I); target (B,T,O) where the model answers every tick, (B,O) where it answers once. O counts targets: a
 * Gaussian or quantile head gives several values for each. NaN in a target: nothing is known there, so it has no loss.
 */
export interface Examples {
  readonly count: number
  readonly ticks: number
  readonly inputs: number
  readonly targets: number
  /** Whether there is a target for every tick, or one for the whole window. */
  readonly every: boolean
  /** Writes the windows with these indices, one after the other. */
  fill(which: Int32Array, x: Float32Array, target: Float32Array): void
}
