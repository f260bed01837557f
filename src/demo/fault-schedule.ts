import { type Fault, faults } from './faults.ts'

/** One occurrence of a fault on the plant's clock; `number` counts from 1. */
export interface InjectedFault {
  readonly number: number
  readonly fault: Fault
  readonly startMs: number
  readonly endMs: number
}

const minuteMs = 60_000

/**
 * The faults of the table in their order, one every `everyMinutes` of the plant's clock, round and round for ever.
 *
 * Each call of `next` gives the following occurrence; after `rounds` turns of the table there is none (Infinity: always).
 */
export function createFaultSchedule(options: {
  readonly startMs: number
  readonly firstMinutes: number
  readonly everyMinutes: number
  readonly rounds: number
}): { next(): InjectedFault | undefined } {
  let count = 0
  const next = (): InjectedFault | undefined => {
    if (count >= options.rounds * faults.length) return undefined
    const fault = faults[count % faults.length]!
    const startMs = options.startMs + (options.firstMinutes + count * options.everyMinutes) * minuteMs
    count++
    return { number: count, fault, startMs, endMs: startMs + fault.minutes * minuteMs }
  }
  return { next }
}
