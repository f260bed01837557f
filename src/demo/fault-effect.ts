import type { Prng } from '../base/prng.ts'
import type { InjectedFault } from './fault-schedule.ts'
import type { MeasuringPoint } from './machine.ts'

/** Share of the readings that a spike burst hits. */
const spikeShare = 0.2

/** How far a fault has come, 0…1 of its duration; negative before it, above 1 after it. */
export function progress(injected: InjectedFault, timeMs: number): number {
  return (timeMs - injected.startMs) / (injected.endMs - injected.startMs)
}

/** The strength of a fault of the machine at a moment within it, in the unit of its disturbance. */
export function disturbance(injected: InjectedFault, timeMs: number): number {
  const { kind, magnitude } = injected.fault
  if (kind === 'drift') return magnitude * progress(injected, timeMs)
  if (kind === 'oscillation') return magnitude * swing(injected, timeMs)
  return magnitude
}

/**
 * What a faulty instrument tells at a moment within the fault, in place of `value`; NaN when it says nothing.
 *
 * `last` is what it told before the fault.
 */
export function distort(
  injected: InjectedFault,
  point: MeasuringPoint,
  timeMs: number,
  value: number,
  last: number,
  random: Prng,
): number {
  const { kind, magnitude } = injected.fault
  switch (kind) {
    case 'silent':
      return Number.NaN
    case 'stuck':
      return last
    case 'drift':
      return value + magnitude * progress(injected, timeMs)
    case 'oscillation':
      return value + magnitude * swing(injected, timeMs)
    case 'spike burst':
      return random.uniform() < spikeShare ? value + magnitude * (0.7 + 0.6 * random.uniform()) : value
    case 'noise rise':
      return value + point.noise * Math.sqrt(magnitude * magnitude - 1) * random.normal()
    default:
      return value + magnitude
  }
}

function swing(injected: InjectedFault, timeMs: number): number {
  const periodMs = (injected.fault.periodMinutes ?? injected.fault.minutes) * 60_000
  return Math.sin((2 * Math.PI * (timeMs - injected.startMs)) / periodMs)
}
