import { type AlarmTransition, alarmId } from '../domain/alarm.ts'
import type { OutcomeFrame } from '../domain/outcome.ts'
import type { SensorSpec } from '../domain/sensor.ts'
import { takeAsNormal } from './accept.ts'
import { AlarmPhase, AlarmStep, returnAlarm } from './alarm.ts'
import { alarmColumns as A, C } from './columns.ts'
import { acceptedMessage, endedMessage, faultMessage, workingMessage } from './message.ts'
import { type Cause, transitionOf } from './transition.ts'

/** Gathers the alarm transitions of a step, with the words for them, and hands them over in the order of their rows. */
export class Announcer {
  readonly #f: Float64Array
  readonly #plant: string
  readonly #pending: { readonly row: number; readonly transition: AlarmTransition }[] = []

  constructor(f: Float64Array, plant: string) {
    this.#f = f
    this.#plant = plant
  }

  /** A step of the process alarm of the sensor at `at`. */
  process(row: number, at: number, spec: SensorSpec, step: number, cause: Cause): void {
    const transition = transitionOf(this.#f, at + C.process, step, 'process', this.#plant, spec, cause)
    this.#pending.push({ row, transition })
  }

  /** A step of the instrument alarm of the sensor at `at`. `value` is NaN where there was none. */
  instrument(
    at: number,
    spec: SensorSpec,
    row: number,
    step: number,
    eventTime: number,
    detectedTime: number,
    value: number,
  ): void {
    const f = this.#f
    let message = endedMessage(spec)
    if (step === AlarmStep.returned) message = workingMessage(spec)
    else if (step !== AlarmStep.ended) message = faultMessage(spec, f[at + C.faultReason]!, value)
    const cause = { ...noExpectation, eventTime, detectedTime, value, score: f[at + C.score]!, message }
    const transition = transitionOf(f, at + C.instrument, step, 'instrument', this.#plant, spec, cause)
    this.#pending.push({ row, transition })
  }

  /** Takes as normal what a sensor shows, which ends its alarm. `by`: who says so; null: the stated time is over. */
  accept(row: number, at: number, spec: SensorSpec, by: string | null, detectedTime: number): void {
    const f = this.#f
    takeAsNormal(f, at)
    const step = returnAlarm(f, at + C.process)
    const value = f[at + C.value]!
    const told = { eventTime: f[at + C.valueMs]!, detectedTime, value, score: f[at + C.score]! }
    this.process(row, at, spec, step, { ...noExpectation, ...told, message: acceptedMessage(spec, value, by) })
  }

  /** Whether the process alarm of this id stands. */
  isStanding(at: number, spec: SensorSpec, id: string): boolean {
    const alarm = at + C.process
    if (this.#f[alarm + A.state] !== AlarmPhase.unack) return false
    return alarmId(spec.id, 'process', this.#f[alarm + A.raisedMs]!) === id
  }

  /** Hands the transitions over. */
  flush(out: OutcomeFrame): void {
    if (this.#pending.length === 0) return
    this.#pending.sort((a, b) => a.row - b.row)
    for (const { transition } of this.#pending) out.transitions.push(transition)
    this.#pending.length = 0
  }

  /** How many wait to be handed over. */
  get count(): number {
    return this.#pending.length
  }
}

const noExpectation = { expected: Number.NaN, lower: Number.NaN, upper: Number.NaN }
