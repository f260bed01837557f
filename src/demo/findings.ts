import type { Alarm, AlarmTransition } from '../domain/alarm.ts'
import type { InjectedFault } from './fault-schedule.ts'
import type { FailureWindow, RealMachine } from './real-machine.ts'

/** Where a fault was found: on the sensor that it acts on, or on another one of the assets that it reaches. */
export type FoundOn = 'sensor' | 'asset'

/** A fault and what became of it. Times are on the readings' clock, ms since 1970. */
export interface FaultRecord {
  readonly injected: InjectedFault
  readonly startMs: number
  /** The fault's end and the tolerance after it. */
  readonly untilMs: number
  found: { on: FoundOn; sensor: string; afterMs: number } | null
}

/** An alarm that belongs to no fault. */
export interface FalseAlarm {
  readonly sensor: string
  readonly timeMs: number
  readonly message: string
}

/** What an alarm was about. */
export type Verdict =
  | { readonly about: 'fault'; readonly record: FaultRecord; readonly on: FoundOn; readonly afterMs: number }
  | { readonly about: 'failure'; readonly number: number; readonly first: boolean }
  | { readonly about: 'nothing' }

/** A verdict, and whether the occurrence was judged before and is only raised again. */
export interface Judgement {
  readonly verdict: Verdict
  readonly again: boolean
}

/** Faults remembered in a demo that runs for ever; older ones are over long since. */
const recordsKept = 200

/**
 * Keeps score of alarms against what was injected and labelled.
 *
 * The rule: an alarm belongs to a fault when it is raised between the fault's start and its end plus the tolerance,
 * on the faulty sensor or else on another sensor of an asset that the fault reaches. A fault counts by its first alarm on the faulty
 * sensor, and by the first on its assets where there is none on the sensor. Any other alarm of the plant is false, except
 * that an occurrence which was judged already and is raised again stays what it was. An alarm of the real machine belongs
 * to the labelled window that its event time lies in; any other is outside.
 */
export class Findings {
  readonly records: FaultRecord[] = []
  readonly falseAlarms: FalseAlarm[] = []
  readonly outside: FalseAlarm[] = []
  readonly failures: readonly (FailureWindow & { firstMs: number | null })[]
  alarms = 0
  readonly #machine: RealMachine
  /** The occurrence judged last, by sensor. */
  readonly #judged = new Map<string, string>()

  constructor(machine: RealMachine) {
    this.#machine = machine
    this.failures = machine.failures.map((window) => ({ ...window, firstMs: null }))
  }

  inject(injected: InjectedFault, startMs: number, untilMs: number): FaultRecord {
    const record: FaultRecord = { injected, startMs, untilMs, found: null }
    this.records.push(record)
    if (this.records.length > recordsKept) this.records.shift()
    return record
  }

  /** Judges the raise of an alarm. */
  judge({ alarm }: AlarmTransition): Judgement {
    const again = this.#judged.get(alarm.sensor) === alarm.id
    this.#judged.set(alarm.sensor, alarm.id)
    if (!again) this.alarms++
    const machine = alarm.sensor === this.#machine.sensor
    return { verdict: machine ? this.#judgeMachine(alarm, again) : this.#judgePlant(alarm, again), again }
  }

  #judgePlant(alarm: Alarm, again: boolean): Verdict {
    const timeMs = alarm.detectedTime
    const open = this.records.filter((record) => timeMs >= record.startMs && timeMs <= record.untilMs).reverse()
    const own = open.find((record) => record.injected.fault.sensor === alarm.sensor)
    const record = own ?? open.find((candidate) => candidate.injected.fault.reaches.includes(alarm.asset ?? ''))
    if (record === undefined) {
      if (!again) keep(this.falseAlarms, { sensor: alarm.sensor, timeMs, message: alarm.message })
      return { about: 'nothing' }
    }
    const on = own === undefined ? 'asset' : 'sensor'
    const afterMs = timeMs - record.startMs
    if (record.found === null || (record.found.on === 'asset' && on === 'sensor')) {
      record.found = { on, sensor: alarm.sensor, afterMs }
    }
    return { about: 'fault', record, on, afterMs }
  }

  #judgeMachine(alarm: Alarm, again: boolean): Verdict {
    const index = this.failures.findIndex(
      (window) => alarm.eventTime >= window.startMs && alarm.eventTime <= window.endMs,
    )
    const window = this.failures[index]
    if (window === undefined) {
      if (!again) keep(this.outside, { sensor: alarm.sensor, timeMs: alarm.eventTime, message: alarm.message })
      return { about: 'nothing' }
    }
    const first = window.firstMs === null
    window.firstMs ??= alarm.eventTime
    return { about: 'failure', number: index + 1, first }
  }
}

function keep(list: FalseAlarm[], alarm: FalseAlarm): void {
  list.push(alarm)
  if (list.length > recordsKept) list.shift()
}
