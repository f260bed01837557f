/** Weights by their names in the state dict. */
export type Parameters = ReadonlyMap<string, Float32Array>

/** Weights that lie in the memory in a form of their own. */
export interface Packed {
  /** Carries the weights in; `memory` is all of it in float32. */
  pack(memory: Float32Array, parameters: Parameters): void
  /** Adds the gradients to those of the tensors they belong to. */
  collect(memory: Float32Array, gradients: Parameters): void
}
