import type { AlarmTransition } from '../domain/alarm.ts'
import type { Sink, SinkSettings } from '../ports/sink.ts'

/** A sink that hands every alarm transition to the demo, in order and once; it takes no scores. */
export class AlarmListener implements Sink {
  readonly name = 'demo'
  readonly settings: SinkSettings = {
    scores: 'none',
    alarms: true,
    policy: 'drop',
    batchReadings: 1,
    batchMs: 0,
    retryInitialMs: 100,
    retryMaxMs: 100,
    spillBytes: 0,
  }
  readonly #listen: (transition: AlarmTransition) => void

  constructor(listen: (transition: AlarmTransition) => void) {
    this.#listen = listen
  }

  async open(): Promise<void> {}

  async writeAlarms(transitions: readonly AlarmTransition[]): Promise<void> {
    for (const transition of transitions) this.#listen(transition)
  }

  async close(): Promise<void> {}
}

/** Whether a transition raises an alarm. */
export function isRaise({ from, alarm }: AlarmTransition): boolean {
  return alarm.state === 'unack' && from !== 'unack'
}

/** Whether a transition says that the condition of an alarm is over. */
export function isReturn({ alarm }: AlarmTransition): boolean {
  return alarm.state === 'normal' || alarm.state === 'rtn_unack'
}
