import { assert } from '../../base/assert.ts'
import { type LinearPart, linearMemorySize, linearWidth, rememberInputs, writeFeatures } from '../../model/linear.ts'
import type { Attribution, AttributionOptions, Explainer } from './attribution.ts'

/**
 * Explains a linear part and what its network adds: contributions of a linear model are exact, weight × (input − baseline).
 *
 * A running average belongs to its context column, and to each tick as far as the tick is in it. What the averages and lags hold
 * from before the window is taken as the baseline is; whoever knows the forecast of the running model finds the difference.
 * Shapes: as `Explainer`; output h is the forecast h + 1 ticks ahead. `network` null: the linear model is enough.
 */
export function linearExplainer(part: LinearPart, inputs: number, ticks: number, network: Explainer | null): Explainer {
  const attribute = (options: AttributionOptions): Attribution => {
    const { baseline = new Float32Array(ticks * inputs), output: h } = options
    assert(options.window.length === ticks * inputs, `a window must be (${ticks}, ${inputs})`)
    const window = options.window.map((value, at) => (Number.isFinite(value) ? value : baseline[at]!))
    const effect = effectsOf(part, h, ticks)
    const contributions = new Float64Array(window.length)
    let [sum, usual] = [0, 0]
    for (let t = 0; t < ticks; t++) {
      for (let i = 0; i <= part.context; i++) {
        const at = t * inputs + i
        const weight = effect[t * (1 + part.context) + i]!
        contributions[at] = weight * (window[at]! - baseline[at]!)
        sum += contributions[at]!
        usual += weight * baseline[at]!
      }
    }
    const own = part.weights[h * linearWidth(part)]! + usual
    if (network === null) return { contributions, value: own + sum, baselineValue: own, gap: 0 }
    const added = network.attribute({ ...options, window, baseline })
    const share = part.gates[h]! * part.scale[h]!
    for (let at = 0; at < contributions.length; at++) contributions[at]! += share * added.contributions[at]!
    return {
      contributions,
      value: own + sum + share * added.value,
      baselineValue: own + share * added.baselineValue,
      gap: share * added.gap,
    }
  }
  return { ticks, inputs, attribute }
}

/** (T, 1 + context): how much one unit of an input at a tick changes forecast `h`, found by asking the model itself. */
function effectsOf(part: LinearPart, h: number, ticks: number): Float64Array {
  const width = 1 + part.context
  const features = new Float64Array(linearWidth(part))
  const effect = new Float64Array(ticks * width)
  const x = new Float32Array(width)
  for (let i = 0; i < width; i++) {
    const memory = new Float32Array(linearMemorySize(part))
    // A row of zeros first, so that the unit does not stand for all that came before it.
    rememberInputs(part, memory, 0, x.fill(0), 0)
    for (let ago = 0; ago < ticks; ago++) {
      x.fill(0)
      if (ago === 0) x[i] = 1
      rememberInputs(part, memory, 0, x, 0)
      writeFeatures(part, memory, 0, features)
      let sum = 0
      for (let k = 1; k < features.length; k++) sum += part.weights[h * features.length + k]! * features[k]!
      effect[(ticks - 1 - ago) * width + i] = sum
    }
  }
  return effect
}
