import { inputWidth, outputWidth } from '../../model/graph.ts'
import type { Model } from '../../model/model.ts'
import { forward } from '../../model/recurrent.ts'
import type { AttributionOptions } from './attribution.ts'
import { checkOutput, filled, repeated } from './integrated-gradients.ts'

/** What a value loses when a channel, or a tick, is replaced by the baseline: f(window) − f(window without it). */
export interface Occlusion {
  /** (I) */
  readonly byChannel: Float64Array
  /** (T), the oldest tick first. */
  readonly byTick: Float64Array
}

/**
 * Explains a value by leaving things out: slow and plain, it checks integrated gradients.
 *
 * The two agree for a model that is linear in its inputs. They differ where channels work together: leaving out one of
 * two factors takes the whole product away, so occlusions need not sum to f(window) − f(baseline).
 * Cost: forward of 1 + I + T windows. Errors: as `createExplainer`'s.
 * Source: Zeiler and Fergus, "Visualizing and understanding convolutional networks", ECCV 2014, section 2.
 */
export function occlusion(model: Model, options: AttributionOptions): Occlusion {
  const inputs = inputWidth(model.graph)
  const size = options.window.length
  const ticks = size / inputs
  const { baseline = new Float32Array(size), output, state } = options
  checkOutput(model, output)
  const window = filled(options.window, baseline)
  const batch = 1 + inputs + ticks
  const x = new Float32Array(batch * size)
  for (let row = 0; row < batch; row++) {
    for (let i = 0; i < size; i++) {
      const isChannel = row - 1 === i % inputs
      const isTick = row - 1 - inputs === Math.floor(i / inputs)
      x[row * size + i] = isChannel || isTick ? baseline[i]! : window[i]!
    }
  }
  const start = state === undefined ? {} : { state: repeated(model, state, batch) }
  const y = forward(model, x, { batch, ticks, ...start }).output
  const perRow = y.length / batch
  const last = perRow - outputWidth(model.graph) + output
  const lost = (row: number): number => y[last]! - y[row * perRow + last]!
  return {
    byChannel: Float64Array.from({ length: inputs }, (_, i) => lost(1 + i)),
    byTick: Float64Array.from({ length: ticks }, (_, t) => lost(1 + inputs + t)),
  }
}
