import { exitCodes } from './exit-codes.ts'

const stopSignals = ['SIGINT', 'SIGTERM'] as const
/** A signal that asks a command to stop. */
export type StopSignal = (typeof stopSignals)[number]

/** A watch for the signals that ask a command to stop. */
export interface SignalWatch {
  /** Resolves with the first signal. */
  readonly heard: Promise<StopSignal>
  /** Takes the watch away: signals do again what they do by themselves. */
  forget(): void
}

/**
 * Watches for Ctrl-C and SIGTERM: the first one is told, at once to `onHeard`, and the command stops in order; a second
 * one ends the process at once.
 */
export function untilSignal(onHeard: (signal: StopSignal) => void = () => undefined): SignalWatch {
  let listener = (_signal: StopSignal): void => undefined
  const heard = new Promise<StopSignal>((resolve) => {
    let asked = false
    listener = (signal) => {
      if (asked) process.exit(exitCodes.interrupted)
      asked = true
      onHeard(signal)
      resolve(signal)
    }
  })
  for (const signal of stopSignals) process.on(signal, listener)
  const forget = () => {
    for (const signal of stopSignals) process.off(signal, listener)
  }
  return { heard, forget }
}
