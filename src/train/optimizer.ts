import { assert } from '../base/assert.ts'
import { pow } from '../base/math.ts'

/** Weights or gradients by their names in the state dict. */
export type NamedArrays = ReadonlyMap<string, Float32Array>

/** Which rule changes the weights, in PyTorch's words and with its defaults. */
export type OptimizerOptions = SgdOptions | AdamOptions | RmspropOptions

/** v ← momentum·v + g; w ← w − rate·v, or with Nesterov w − rate·(g + momentum·v). */
export interface SgdOptions {
  readonly kind: 'sgd'
  readonly rate: number
  readonly momentum?: number
  readonly nesterov?: boolean
  /** L2: decay·w is added to the gradient. */
  readonly decay?: number
}

/** Adam (`decay` is L2, in the gradient) and AdamW (`decay` shrinks the weights by themselves, default 0.01). */
export interface AdamOptions {
  readonly kind: 'adam' | 'adamw'
  readonly rate: number
  /** Default 0.9, 0.999. */
  readonly betas?: readonly [number, number]
  /** Default 1e-8. */
  readonly eps?: number
  readonly decay?: number
  /** The largest second moment so far takes the place of the present one. */
  readonly amsgrad?: boolean
}

/** s ← alpha·s + (1−alpha)·g²; w ← w − rate·g / (√s + eps). */
export interface RmspropOptions {
  readonly kind: 'rmsprop'
  readonly rate: number
  /** Default 0.99. */
  readonly alpha?: number
  /** Default 1e-8. */
  readonly eps?: number
  readonly momentum?: number
  readonly decay?: number
}

/** Changes weights by their gradients, and remembers what its rule needs. */
export interface Optimizer {
  /** May be changed between updates. */
  rate: number
  /** One update of every weight, in place. */
  update(parameters: NamedArrays, gradients: NamedArrays): void
  /** Copies of all that it remembers: `updates`, how many there were, and `<moment>.<name>` of each weight. */
  memory(): Map<string, Float64Array>
  /** Goes on as the optimizer that `memory` is of. Errors: assertion on a moment that its rule has not. */
  setMemory(memory: ReadonlyMap<string, Float64Array>): void
}

/** One update of one tensor; `updates` counts from 1. */
type Rule = (w: Float32Array, g: Float32Array, moments: readonly Float64Array[], rate: number, updates: number) => void

/**
 * The optimizers that small recurrent networks are trained with; moments are float64, weights stay float32.
 *
 * Shapes: any; a gradient has its weight's length. Allocates: moments, at the first update.
 * Errors: assertion on a gradient that is missing or of another length.
 * Source: the algorithms in PyTorch's documentation of `torch.optim`, checked against twenty of its updates each.
 */
export function createOptimizer(options: OptimizerOptions): Optimizer {
  const { rule, moments: count } = ruleOf(options)
  const moments = new Map<string, Float64Array[]>()
  let updates = 0
  return {
    rate: options.rate,
    update(parameters, gradients) {
      updates++
      for (const [name, w] of parameters) {
        const g = gradients.get(name)
        assert(g !== undefined && g.length === w.length, `the gradient of "${name}" must have ${w.length} values`)
        let own = moments.get(name)
        if (own === undefined) {
          own = Array.from({ length: count }, () => new Float64Array(w.length))
          moments.set(name, own)
        }
        rule(w, g, own, this.rate, updates)
      }
    },
    memory() {
      const memory = new Map([['updates', Float64Array.of(updates)]])
      for (const [name, own] of moments) {
        for (const [at, values] of own.entries()) memory.set(`${at}.${name}`, values.slice())
      }
      return memory
    },
    setMemory(memory) {
      moments.clear()
      updates = memory.get('updates')?.[0] ?? 0
      for (const [key, values] of memory) {
        if (key === 'updates') continue
        const dot = key.indexOf('.')
        const at = Number(key.slice(0, dot))
        assert(
          Number.isInteger(at) && at >= 0 && at < count,
          `a rule of ${count} moments remembers nothing as "${key}"`,
        )
        const name = key.slice(dot + 1)
        const own = moments.get(name) ?? []
        own[at] = values.slice()
        moments.set(name, own)
      }
    },
  }
}

function ruleOf(options: OptimizerOptions): { readonly rule: Rule; readonly moments: number } {
  switch (options.kind) {
    case 'sgd':
      return { rule: sgd(options), moments: 1 }
    case 'rmsprop':
      return { rule: rmsprop(options), moments: 2 }
    default:
      return { rule: adam(options), moments: options.amsgrad === true ? 3 : 2 }
  }
}

/** The first momentum is the gradient itself, without a damping, as in PyTorch. */
function sgd({ momentum = 0, nesterov = false, decay = 0 }: SgdOptions): Rule {
  assert(!nesterov || momentum > 0, 'Nesterov needs a momentum')
  return (w, gradient, [velocity], rate) => {
    for (let i = 0; i < w.length; i++) {
      const g = gradient[i]! + decay * w[i]!
      const v = momentum * velocity![i]! + g
      velocity![i] = v
      w[i] = w[i]! - rate * (nesterov ? g + momentum * v : v)
    }
  }
}

function adam({ kind, betas = [0.9, 0.999], eps = 1e-8, decay, amsgrad = false }: AdamOptions): Rule {
  const [beta1, beta2] = betas
  const decoupled = kind === 'adamw' ? (decay ?? 0.01) : 0
  const inGradient = kind === 'adam' ? (decay ?? 0) : 0
  return (w, gradient, [first, second, largest], rate, updates) => {
    const step = rate / (1 - pow(beta1, updates))
    const correction = 1 / Math.sqrt(1 - pow(beta2, updates))
    const kept = 1 - rate * decoupled
    for (let i = 0; i < w.length; i++) {
      const g = gradient[i]! + inGradient * w[i]!
      const m = first![i]! + (1 - beta1) * (g - first![i]!)
      const v = beta2 * second![i]! + (1 - beta2) * g * g
      first![i] = m
      second![i] = v
      let above = v
      if (amsgrad) {
        above = Math.max(v, largest![i]!)
        largest![i] = above
      }
      w[i] = w[i]! * kept - (step * m) / (Math.sqrt(above) * correction + eps)
    }
  }
}

function rmsprop({ alpha = 0.99, eps = 1e-8, momentum = 0, decay = 0 }: RmspropOptions): Rule {
  return (w, gradient, [squares, velocity], rate) => {
    for (let i = 0; i < w.length; i++) {
      const g = gradient[i]! + decay * w[i]!
      const s = alpha * squares![i]! + (1 - alpha) * g * g
      squares![i] = s
      const v = momentum * velocity![i]! + g / (Math.sqrt(s) + eps)
      velocity![i] = v
      w[i] = w[i]! - rate * v
    }
  }
}

/**
 * Scales gradients down to a common norm of at most `most`; gives the norm before.
 *
 * Source: PyTorch's `clip_grad_norm_`: factor most / (norm + 1e-6), where that is below 1.
 */
export function clipGradientNorm(gradients: NamedArrays, most: number): number {
  let squares = 0
  for (const g of gradients.values()) for (let i = 0; i < g.length; i++) squares += g[i]! * g[i]!
  const norm = Math.sqrt(squares)
  const factor = most / (norm + 1e-6)
  if (factor < 1) for (const g of gradients.values()) for (let i = 0; i < g.length; i++) g[i] = g[i]! * factor
  return norm
}
