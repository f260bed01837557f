import type { Clock } from '../ports/clock.ts'
import type { InjectedFault } from './fault-schedule.ts'
import { historyRows } from './history.ts'
import type { Plant } from './plant.ts'
import type { RealMachine } from './real-machine.ts'

/** Readings of the real machine for each reading of a plant sensor: its 79 days pass in about 17 minutes. */
const machineRowsPerStep = 20
/** A process that slept longer than this goes on from now instead of publishing what it missed. */
const sleptMs = 10_000
/** Longest wait between two looks at the clock, so that the real machine's readings do not come in one lump. */
const turnMs = 250

/** What the player needs and whom it tells. */
export interface PlayerOptions {
  readonly plant: Plant
  readonly machine: RealMachine
  readonly schedule: { next(): InjectedFault | undefined }
  readonly clock: Clock
  /** Wall time between two readings of a plant sensor. */
  readonly stepMs: number
  publish(topic: string, payload: string): void
  /** A fault begins with the reading of this event time. */
  onFault(injected: InjectedFault, startMs: number): void
  /** The real machine's record is over. */
  onRecordEnd(): void
}

/**
 * Plays the plant and the real machine's record at a steady pace and publishes every reading as JSON.
 *
 * A minute of the plant passes in `stepMs`; its readings are stamped with wall time, those of the real machine with
 * their own. The record ends once; the plant never does.
 */
export class Player {
  readonly #options: PlayerOptions
  readonly #values: Float64Array
  #timer: NodeJS.Timeout | undefined
  #nextMs: number
  #turnedMs: number
  #coming: InjectedFault | undefined
  #machineRow = historyRows
  #machineDue = 0

  /** `firstMs` is the event time of the first reading to publish. */
  constructor(options: PlayerOptions, firstMs: number) {
    this.#options = options
    this.#values = new Float64Array(options.plant.sensors.length)
    this.#nextMs = firstMs
    this.#turnedMs = options.clock.now()
    this.#coming = options.schedule.next()
  }

  start(): void {
    const { stepMs } = this.#options
    this.#timer = setInterval(() => this.#turn(), Math.max(20, Math.min(stepMs, turnMs)))
    this.#turn()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #turn(): void {
    const { clock, stepMs } = this.#options
    const now = clock.now()
    const behindMs = now - this.#nextMs
    if (behindMs > sleptMs) this.#nextMs += Math.floor(behindMs / stepMs) * stepMs
    for (; this.#nextMs <= now; this.#nextMs += stepMs) this.#playStep()
    this.#playMachine(Math.min(sleptMs, Math.max(0, now - this.#turnedMs)) / stepMs)
    this.#turnedMs = now
  }

  #playStep(): void {
    const { plant, publish } = this.#options
    this.#beginFaults()
    plant.step(this.#values)
    for (let index = 0; index < this.#values.length; index++) {
      const value = this.#values[index]!
      if (!Number.isNaN(value)) publish(plant.sensors[index]!.id, JSON.stringify({ ts: this.#nextMs, value }))
    }
  }

  /** Faults whose start is reached with the coming step are injected with it. */
  #beginFaults(): void {
    const { plant, schedule, onFault } = this.#options
    while (this.#coming !== undefined && this.#coming.startMs <= plant.timeMs) {
      plant.inject(this.#coming)
      onFault(this.#coming, this.#nextMs)
      this.#coming = schedule.next()
    }
  }

  #playMachine(steps: number): void {
    const { machine, publish, onRecordEnd } = this.#options
    const total = machine.timeMs.length
    if (this.#machineRow === total) return
    this.#machineDue += steps * machineRowsPerStep
    while (this.#machineRow < total && this.#machineRow - historyRows < this.#machineDue) {
      const ts = machine.timeMs[this.#machineRow]!
      publish(machine.sensor, JSON.stringify({ ts, value: machine.value[this.#machineRow]! }))
      this.#machineRow++
    }
    if (this.#machineRow === total) onRecordEnd()
  }
}
