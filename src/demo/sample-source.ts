import { Quality } from '../domain/quality.ts'
import type { Decoder, RawRecord } from '../domain/record.ts'
import type { Clock } from '../ports/clock.ts'
import type { Source, SourceContext } from '../ports/source.ts'
import type { InjectedFault } from './fault-schedule.ts'
import { historyRows } from './history.ts'
import type { Plant } from './plant.ts'
import type { RealMachine } from './real-machine.ts'

/** Plant steps a delivery. */
const chunkSteps = 10
/** Columns of a packed reading: index of the sensor, event time, value. */
const width = 3

/** A clock that the sample itself turns, so that silence is measured in the plant's time at any speed. */
export class SampleClock implements Clock {
  #nowMs: number

  constructor(startMs: number) {
    this.#nowMs = startMs
  }

  now(): number {
    return this.#nowMs
  }

  advance(nowMs: number): void {
    this.#nowMs = nowMs
  }
}

/** What the sample is made of; `plant` and `machine` stand behind their history. */
export interface Sample {
  readonly plant: Plant
  readonly machine: RealMachine
  readonly faults: readonly InjectedFault[]
  readonly steps: number
  readonly clock: SampleClock
}

/**
 * The demo's sample as a finite source in the process: the plant with its faults, and the rest of the real machine's
 * record spread evenly beside it.
 *
 * A delivery follows when the one before is acknowledged: what happens between two readings, such as the tick that
 * declares silence, then happens at the same place in every run.
 */
export class SampleSource implements Source {
  readonly name = 'sample'
  readonly decoder: Decoder
  readonly finished: Promise<void>
  readonly #sample: Sample
  #finish: () => void = () => undefined
  #stopped = false
  #machineRow = historyRows

  constructor(sample: Sample) {
    this.#sample = sample
    this.finished = new Promise((resolve) => {
      this.#finish = resolve
    })
    const { plant, machine } = sample
    const sensors = [...plant.sensors, { id: machine.sensor, labels: machine.labels }]
    this.decoder = {
      decode(record, out) {
        const { buffer, byteOffset, byteLength } = record.bytes
        const packed = new Float64Array(buffer, byteOffset, byteLength / 8)
        for (let at = 0; at < packed.length; at += width) {
          const sensor = sensors[packed[at]!]!
          out.reading(sensor.id, packed[at + 1]!, packed[at + 2]!, Quality.good, sensor.labels)
        }
      },
    }
  }

  async start(context: SourceContext): Promise<void> {
    context.connected(true)
    for (const fault of this.#sample.faults) this.#sample.plant.inject(fault)
    this.#run(context).catch((error: unknown) => context.failed(error))
  }

  async stop(): Promise<void> {
    this.#stopped = true
  }

  async close(): Promise<void> {}

  async #run(context: SourceContext): Promise<void> {
    const { steps, clock, plant } = this.#sample
    for (let done = 0; done < steps && !this.#stopped; done += chunkSteps) {
      const records: RawRecord[] = []
      for (let step = done; step < Math.min(done + chunkSteps, steps); step++) records.push(this.#record(step))
      clock.advance(plant.timeMs)
      await new Promise<void>((resolve, reject) => {
        context.deliver({ records, positions: {}, acknowledge: resolve, abandon: resolve }).catch(reject)
      })
      // The checkpoint that acknowledged must be over before the clock moves on: the engine times its rest by it.
      await new Promise((resolve) => setImmediate(resolve))
    }
    this.#finish()
  }

  /** One step of the plant, and the readings of the real machine that are due beside it. */
  #record(step: number): RawRecord {
    const { plant, machine, steps } = this.#sample
    const rows: number[] = []
    const values = new Float64Array(plant.sensors.length)
    const timeMs = plant.step(values)
    for (let index = 0; index < values.length; index++) {
      if (!Number.isNaN(values[index])) rows.push(index, timeMs, values[index]!)
    }
    const due = historyRows + ((machine.timeMs.length - historyRows) * (step + 1)) / steps
    for (; this.#machineRow < due; this.#machineRow++) {
      rows.push(plant.sensors.length, machine.timeMs[this.#machineRow]!, machine.value[this.#machineRow]!)
    }
    const bytes = new Uint8Array(Float64Array.from(rows).buffer)
    return { bytes, topic: this.name, key: null, arrivalMs: timeMs }
  }
}
