import { availableParallelism } from 'node:os'
import { ConfigurationError, type Problem } from '../../base/errors.ts'
import { rungsOf, type SearchSettings } from '../../train/tune/search.ts'
import type { Dimension } from '../../train/tune/search-space.ts'
import { gridPoints, type Points, randomPoints } from '../../train/tune/space-points.ts'
import { checkSearchSpace, endsOf, planOfTrial } from '../../train/tune/trial-plan.ts'
import { durationMs, type LearningArguments, type LearningPlan, planLearning } from '../train/arguments.ts'
import { readSearchSpace } from './vary.ts'

/** Options of `tune`, as they were given. */
export interface TuneArguments extends LearningArguments {
  readonly out: string
  readonly search?: string
  readonly vary?: readonly string[]
  readonly method: string
  readonly trials?: string
  readonly budget?: string
  readonly points: string
  readonly reduction: string
  readonly minEpochs?: string
  readonly workers?: string
  readonly resume?: boolean
  readonly force?: boolean
}

/** What `tune` does, checked. */
export interface TunePlan {
  readonly learning: LearningPlan
  readonly space: readonly Dimension[]
  readonly method: 'grid' | 'random' | 'asha'
  readonly search: SearchSettings
  /** The points of the search, from the first one on. */
  points(): Points
  /** Null: no budget in time. */
  readonly budgetMs: number | null
  readonly workers: number
  /** On so many horizons trials are compared: what all of them forecast. */
  readonly horizons: number
  /** A text that is the same for the same search and only then. */
  readonly settings: string
}

/** Trials where neither trials nor a time are given. */
const usualTrials = 27

/** Checks options, plan and space. Errors: `ConfigurationError` with the mistakes. */
export function planTune(inputs: readonly string[], args: TuneArguments): TunePlan {
  const learning = planLearning(inputs, args)
  const space = readSearchSpace(args.search, args.vary ?? [])
  const method = (['grid', 'random', 'asha'] as const).find((name) => name === args.method)
  if (method === undefined) {
    throw new ConfigurationError([{ path: '--method', value: args.method, expected: 'expected grid, random or asha' }])
  }
  checkSearchSpace(learning.declared, space, method === 'asha')
  const { fit } = learning.training
  const numbers = readNumbers(args, fit.epochs)
  const budgetMs = args.budget === undefined ? null : durationMs('--budget', args.budget)
  // Without halving a trial ends where its own plan ends it.
  const rungs = method === 'asha' ? rungsOf(numbers.minEpochs, numbers.reduction, fit.epochs) : [Infinity]
  const points = (): Points => (method === 'grid' ? gridPoints(space, numbers.points) : randomPoints(space, fit.seed))
  // Called once for its mistakes.
  points()
  const unlimited = method === 'grid' || budgetMs !== null
  return {
    learning,
    space,
    method,
    search: { rungs, reduction: numbers.reduction, trials: numbers.trials ?? (unlimited ? Infinity : usualTrials) },
    points,
    budgetMs,
    workers: numbers.workers,
    horizons: leastHorizons(space, learning.declared),
    settings: JSON.stringify([learning.training, space, method, rungs, numbers.reduction, numbers.points]),
  }
}

function readNumbers(
  args: TuneArguments,
  epochs: number,
): Record<'points' | 'workers' | 'minEpochs' | 'reduction', number> & {
  readonly trials: number | undefined
} {
  const problems: Problem[] = []
  const whole = (path: string, text: string, least: number, most = 1e6): number => {
    const value = Number(text)
    if (Number.isInteger(value) && value >= least && value <= most) return value
    problems.push({ path, value: text, expected: `expected a whole number from ${least} to ${most}` })
    return least
  }
  const reduction = whole('--reduction', args.reduction, 2, 100)
  const numbers = {
    reduction,
    points: whole('--points', args.points, 2),
    trials: args.trials === undefined ? undefined : whole('--trials', args.trials, 1),
    // One core stays free for what else the machine does.
    workers: whole('--workers', args.workers ?? String(Math.max(1, availableParallelism() - 1)), 1, 256),
    // Two promotions to the top: a first look at a ninth of the epochs.
    minEpochs: whole('--min-epochs', args.minEpochs ?? String(Math.ceil(epochs / reduction ** 2)), 1, epochs),
  }
  if (problems.length > 0) throw new ConfigurationError(problems)
  return numbers
}

/** Presets may forecast differently far; what every trial forecasts is what they are compared on. */
function leastHorizons(space: readonly Dimension[], declared: unknown): number {
  const varied = space.find(({ path }) => path === 'data.horizons')
  if (varied !== undefined) return Math.min(...endsOf(varied).map(Number))
  const preset = space.find(({ path }) => path === 'preset')
  const points = preset === undefined ? [new Map()] : endsOf(preset).map((name) => new Map([['preset', name]]))
  return Math.min(...points.map((point) => planOfTrial(declared, point).data.horizons))
}
