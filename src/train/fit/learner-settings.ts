import { ConfigurationError, type Problem } from '../../base/errors.ts'
import type { OptimizerOptions } from '../optimizer.ts'
import type { LossName } from './target-loss.ts'

type WithoutRate<Options> = Options extends unknown ? Omit<Options, 'rate'> : never

/** Which rule changes the weights; the rate comes with every step. */
export type OptimizerChoice = WithoutRate<OptimizerOptions>

/** How a network is taught. */
export interface LearnerSettings {
  /** Windows of one update. */
  readonly batch: number
  /** Ticks of a window. */
  readonly ticks: number
  readonly loss: LossName
  readonly optimizer: OptimizerChoice
  /** Largest norm of all gradients together; 0: not clipped. Default 0. */
  readonly gradientClip?: number
  /** Penalties l1·Σ|w| and l2·Σw² on weight matrices, as Keras' regularizers of kernels. Default 0. */
  readonly l1?: number
  readonly l2?: number
  /** Modules or tensors that are not changed: their names, or the beginnings of them up to a dot. */
  readonly frozen?: readonly string[]
  /** First ticks of a window without loss, where every tick has a target: the state is still cold. Default 0. */
  readonly coldTicks?: number
  /** Decides which units are dropped, in models that have dropout. */
  readonly seed: number
}

/** Errors: `ConfigurationError` that tells every number out of range, whichever engine learns. */
export function checkSettings({
  batch,
  ticks,
  gradientClip = 0,
  l1 = 0,
  l2 = 0,
  coldTicks = 0,
  seed,
}: LearnerSettings): void {
  const problems: Problem[] = []
  const whole = (path: string, value: number, low: number): void => {
    if (!Number.isInteger(value) || value < low)
      problems.push({ path, value, expected: low > -Infinity ? `a whole number of at least ${low}` : 'a whole number' })
  }
  whole('batch', batch, 1)
  whole('ticks', ticks, 1)
  whole('coldTicks', coldTicks, 0)
  whole('seed', seed, -Infinity)
  for (const [path, value] of Object.entries({ gradientClip, l1, l2 })) {
    if (!(value >= 0 && value < Infinity)) problems.push({ path, value, expected: 'a number of at least 0' })
  }
  if (problems.length > 0) throw new ConfigurationError(problems)
}
