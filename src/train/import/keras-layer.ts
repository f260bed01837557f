import type { Tensor } from '../../model/tensor.ts'
import type { Declaration, ImportedValue } from './declaration.ts'
import { ImportError } from './import-error.ts'
import type { Json } from './keras-config.ts'

/** A value inside a Keras model. */
export interface KerasValue extends ImportedValue {
  /** Ticks of a sequence where the model fixes them. */
  readonly ticks: number | null
  /** Keras' order of ticks is the reverse of ours: what `go_backwards` leaves behind. */
  readonly flipped: boolean
}

/** What a layer's translation reads and writes. */
export interface KerasLayerContext {
  /** `name (Class)`, for messages. */
  readonly label: string
  readonly className: string
  readonly name: string
  readonly config: Json
  readonly keywords: Json
  readonly inputs: readonly KerasValue[]
  readonly isKeras2: boolean
  readonly declaration: Declaration
  /** The layer's weights in Keras' order; `parts` are its sub-layers in a `.keras` file. */
  weights(parts?: readonly string[]): Tensor[]
}

/** The one value that a layer reads. Errors: `OperatingError('model')` when it reads none or several. */
export function onlyInput({ label, inputs }: KerasLayerContext): KerasValue {
  if (inputs.length === 1) return inputs[0]!
  throw new ImportError(label, `it reads ${inputs.length} values`, 'such a layer is built with one input')
}

/** The refusal of a layer's option. */
export function refused({ label }: KerasLayerContext, what: string, advice: string): ImportError {
  return new ImportError(label, what, advice)
}
