/** A named array of weights: row-major float32 data and its shape. */
export interface Tensor {
  readonly shape: readonly number[]
  readonly data: Float32Array
}
