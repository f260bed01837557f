import type { HiddenState } from '../../model/hidden-state.ts'

/** What is explained: one value that a model gives at the end of a window. */
export interface AttributionOptions {
  /** (T,I) scaled inputs. NaN is a missing input: it counts as the baseline and contributes nothing. */
  readonly window: Float32Array
  /** (T,I), what is compared with; default zeros, the mean of standardised inputs. */
  readonly baseline?: Float32Array
  /** Which of the model's outputs, at the last tick where it answers every tick. */
  readonly output: number
  /** The state before the window, of one row; default zeros. */
  readonly state?: HiddenState
}

/** How a value comes of its inputs: f(window) = f(baseline) + Σ contributions, within rounding and the quadrature. */
export interface Attribution {
  /** (T,I), in the unit of the output. */
  readonly contributions: Float64Array
  /** f(window). */
  readonly value: number
  /** f(baseline). */
  readonly baselineValue: number
  /** f(window) − f(baseline) − Σ contributions: what the quadrature missed. */
  readonly gap: number
}

/** A model that is ready to be explained, window by window. */
export interface Explainer {
  readonly ticks: number
  readonly inputs: number
  /** Errors: assertion on a wrong shape; `ConfigurationError` for an output that the model does not have. */
  attribute(options: AttributionOptions): Attribution
}
