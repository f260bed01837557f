import type { Problem } from '../../base/errors.ts'
import { cos, pow } from '../../base/math.ts'
import { oneCycle } from '../adamw.ts'

/** How the learning rate goes; all but `one-cycle` begin at the rate that is set. */
export type Schedule = ScheduleShape & {
  /** Epochs, or a part of one, in which the rate rises to what the schedule says. Default 0. */
  readonly warmUp?: number
}

type ScheduleShape =
  | { readonly kind: 'constant' }
  /** Multiplied by `factor` after every so many epochs. */
  | { readonly kind: 'step'; readonly every: number; readonly factor: number }
  /** Multiplied by `factor` after every epoch. */
  | { readonly kind: 'exponential'; readonly factor: number }
  /** Half a cosine over all updates, down to this part of the rate. Default 0. */
  | { readonly kind: 'cosine'; readonly lowest?: number }
  /** Up to the rate over the first 15 % of the updates, then down to a hundredth of it. */
  | { readonly kind: 'one-cycle' }
  /** Multiplied by `factor` (default ½) after so many epochs without a lower loss. */
  | { readonly kind: 'plateau'; readonly patience: number; readonly factor?: number }

/** How far a training is, from which a schedule tells the rate. */
export interface ScheduleMoment {
  /** Updates before this one, over all epochs. */
  readonly update: number
  readonly updatesPerEpoch: number
  /** Epochs that are planned. */
  readonly epochs: number
  /** The loss that is watched, of each epoch that is over. */
  readonly losses: readonly number[]
}

/**
 * The learning rate of an update: a function of how far the training is, so nothing is kept for a resumed one.
 *
 * Source: PyTorch's StepLR, ExponentialLR, CosineAnnealingLR and ReduceLROnPlateau (with `threshold` 0, a patience
 * counted as "after so many epochs"); the one-cycle of Smith and Topin 2018 as the base model has it.
 */
export function rateAt(rate: number, schedule: Schedule, moment: ScheduleMoment): number {
  const { update, updatesPerEpoch } = moment
  const warmUps = Math.round((schedule.warmUp ?? 0) * updatesPerEpoch)
  const ramp = update < warmUps ? (update + 1) / warmUps : 1
  return ramp * shaped(rate, schedule, moment)
}

function shaped(rate: number, schedule: Schedule, { update, updatesPerEpoch, epochs, losses }: ScheduleMoment): number {
  const epoch = Math.floor(update / updatesPerEpoch)
  const updates = updatesPerEpoch * epochs
  switch (schedule.kind) {
    case 'constant':
      return rate
    case 'step':
      return rate * pow(schedule.factor, Math.floor(epoch / schedule.every))
    case 'exponential':
      return rate * pow(schedule.factor, epoch)
    case 'cosine': {
      const lowest = schedule.lowest ?? 0
      return rate * (lowest + (1 - lowest) * 0.5 * (1 + cos((Math.PI * update) / updates)))
    }
    case 'one-cycle':
      return oneCycle(update, updates, rate)
    case 'plateau':
      return rate * pow(schedule.factor ?? 0.5, plateaus(losses, schedule.patience))
  }
}

/** How often so many epochs in a row brought no lower loss. */
function plateaus(losses: readonly number[], patience: number): number {
  let best = Number.POSITIVE_INFINITY
  let waited = 0
  let count = 0
  for (const loss of losses) {
    if (loss < best) {
      best = loss
      waited = 0
    } else if (++waited === patience) {
      count++
      waited = 0
    }
  }
  return count
}

/** What is wrong with a schedule; paths begin with `path`. */
export function scheduleProblems(schedule: Schedule, path: string): Problem[] {
  const problems: Problem[] = []
  const check = (key: string, value: number | undefined, fits: boolean, expected: string): void => {
    if (value !== undefined && !fits) problems.push({ path: `${path}.${key}`, value, expected })
  }
  const { warmUp = 0 } = schedule
  check('warmUp', warmUp, warmUp >= 0 && warmUp < Infinity, 'epochs, 0 or more')
  if ('factor' in schedule) {
    const factor = schedule.factor ?? 0.5
    check('factor', factor, factor > 0 && factor <= 1, 'more than 0, at most 1')
  }
  if (schedule.kind === 'step') {
    check('every', schedule.every, Number.isInteger(schedule.every) && schedule.every > 0, 'a whole number of epochs')
  }
  if (schedule.kind === 'plateau') {
    const { patience } = schedule
    check('patience', patience, Number.isInteger(patience) && patience > 0, 'a whole number of epochs')
  }
  if (schedule.kind === 'cosine') {
    const { lowest = 0 } = schedule
    check('lowest', lowest, lowest >= 0 && lowest <= 1, 'a part of the rate, from 0 to 1')
  }
  return problems
}
