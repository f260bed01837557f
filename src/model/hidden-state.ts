/**
 * Hidden state as PyTorch lays it out: h (layers × directions, B, H or P), and c (layers × directions, B, H) of LSTMs.
 *
 * Several recurrent modules lie one after the other, each of its own size.
 */
export interface HiddenState {
  readonly h: Float32Array
  readonly c?: Float32Array
}
