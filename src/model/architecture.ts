/** A stacked, unidirectional recurrent layer in PyTorch's words; `name` is the prefix in the state dict. */
export interface RecurrentModule {
  readonly name: string
  readonly type: 'GRU' | 'LSTM'
  readonly inputSize: number
  readonly hiddenSize: number
  readonly layers: number
  readonly bias: boolean
}

/** A linear layer on every step, or on the last step only. */
export interface LinearModule {
  readonly name: string
  readonly type: 'Linear'
  readonly inFeatures: number
  readonly outFeatures: number
  readonly bias: boolean
  readonly on: 'last' | 'every'
}

/** One recurrent module, optionally followed by a linear one. */
export interface Architecture {
  readonly recurrent: RecurrentModule
  readonly head: LinearModule | null
}
