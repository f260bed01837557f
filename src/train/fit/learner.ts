/**
 * A network that learns from batches: Residua's own kernels, or TensorFlow.js. `fit` drives either in the same way.
 *
 * Shapes: x (B,T,I), target (B,T,O) or (B,O) as `Examples` gives them, for the fixed batch B that it was made for. A NaN
 * target has no loss; a batch that is not full is filled up with windows of NaN targets.
 */
export interface Learner {
  /** The engine, for the card. */
  readonly engine: string
  /**
   * One update on a batch with dropout and penalties; the mean loss over its targets, without penalties.
   *
   * A batch without a known target changes nothing and gives 0.
   */
  step(x: Float32Array, target: Float32Array, rate: number): number
  /** The mean loss of a batch without an update or dropout, and over how many targets it was taken. */
  judge(x: Float32Array, target: Float32Array): { readonly loss: number; readonly targets: number }
  /** Copies of the weights by PyTorch's state dict names. */
  weights(): Map<string, Float32Array>
  setWeights(weights: ReadonlyMap<string, Float32Array>): void
  /** What the optimizer and dropout remember, so that a training goes on bit for bit where it was stopped. */
  memory(): Map<string, Float64Array>
  setMemory(memory: ReadonlyMap<string, Float64Array>): void
  /** Frees what the garbage collector does not. */
  close(): void
}
