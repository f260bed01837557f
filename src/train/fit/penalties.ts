import type { Model } from '../../model/model.ts'

type Weights = ReadonlyMap<string, Float32Array>

/** The weights that have a penalty, as Keras' regularizers of kernels: matrices. */
export function matricesOf(model: Model, weights: Weights): Weights {
  return new Map([...weights].filter(([name]) => model.tensors.get(name)!.shape.length === 2))
}

/** Adds the slopes of l1·Σ|w| and l2·Σw² to the gradients of these weights; that of |w| at 0 is 0. */
export function addPenalties(
  penalised: Weights,
  gradients: Weights,
  { l1 = 0, l2 = 0 }: { readonly l1?: number; readonly l2?: number },
): void {
  if (l1 === 0 && l2 === 0) return
  for (const [name, weights] of penalised) {
    const gradient = gradients.get(name)!
    for (let i = 0; i < weights.length; i++) {
      const w = weights[i]!
      gradient[i] = gradient[i]! + 2 * l2 * w + l1 * (w > 0 ? 1 : w < 0 ? -1 : 0)
    }
  }
}
