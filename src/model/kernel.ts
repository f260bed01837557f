/**
 * The recurrent engine: one hidden state a slot, stepped in batches of distinct slots.
 *
 * Shapes:    rows (B) distinct slots; x (B,I) in; y (B,O) out; state (S, stateSize): per layer h, then for LSTM c.
 * Allocates: nothing in `step`. A row's bits do not depend on the other rows of the batch.
 * Errors:    none on data: a NaN in x makes that row's state NaN and no other's.
 */
export interface Kernel {
  /** Goes into checkpoints: states of different kernels agree within a tolerance, not in bits. */
  readonly name: string
  readonly inputSize: number
  readonly outputSize: number
  readonly stateSize: number
  readonly state: Float32Array
  step(rows: Int32Array, count: number, x: Float32Array, y: Float32Array): void
}
