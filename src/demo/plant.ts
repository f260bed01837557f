import { assert } from '../base/assert.ts'
import { createPrng, type Prng } from '../base/prng.ts'
import { fork, Wander } from './dynamics.ts'
import { distort, disturbance, progress } from './fault-effect.ts'
import type { InjectedFault } from './fault-schedule.ts'
import { type Couplings, type Machine, type MeasuringPoint, noDisturbances } from './machine.ts'
import { createCompressor } from './machines/compressor.ts'
import { createConveyor } from './machines/conveyor.ts'
import { createCooling } from './machines/cooling.ts'
import { createFurnace } from './machines/furnace.ts'
import { createPump } from './machines/pump.ts'
import { createTank } from './machines/tank.ts'

const dayMs = 86_400_000
const hourMs = 3_600_000
/** Minutes that a new plant runs before its first reading, so that every lag has settled. */
const settlingSteps = 600

/** A sensor of the plant; `id` is also its MQTT topic. */
export interface PlantSensor {
  readonly id: string
  readonly point: MeasuringPoint
  readonly labels: Readonly<Record<'area' | 'asset' | 'measurement', string>>
}

/**
 * The simulated plant: six coupled machines on one clock.
 *
 * Shapes: `step` fills `values`, one a sensor in the order of `sensors`; NaN where a sensor stays silent.
 */
export interface Plant {
  readonly sensors: readonly PlantSensor[]
  /** The plant's clock at the newest reading, ms since 1970. */
  readonly timeMs: number
  /** Advances the clock by one step and returns its new time. */
  step(values: Float64Array): number
  /** Adds a fault; it acts from its start to its end on the plant's clock. */
  inject(fault: InjectedFault): void
}

/**
 * Makes a plant. The same seed, start and step give the same readings for ever.
 *
 * Units: startMs ms since 1970, the time before the first reading; stepMs between readings of a sensor, both on the
 *        plant's clock. Steps of 10 s to 2 min suit its time constants.
 */
export function createPlant(options: {
  readonly seed: number
  readonly startMs: number
  readonly stepMs: number
}): Plant {
  const random = createPrng(options.seed)
  // The order is the way of material, heat and water: who writes a coupling comes before who reads it.
  const machines: readonly Machine[] = [
    createConveyor(fork(random)),
    createFurnace(fork(random)),
    createCompressor(fork(random)),
    createCooling(fork(random)),
    createPump(fork(random)),
    createTank(fork(random)),
  ]
  return new SimulatedPlant(machines, random, options.startMs, options.stepMs)
}

class SimulatedPlant implements Plant {
  readonly sensors: readonly PlantSensor[]
  readonly #machines: readonly Machine[]
  readonly #noise: Prng
  readonly #weather: Wander
  readonly #shift: Wander
  readonly #stepMs: number
  readonly #couplings: Couplings
  readonly #told: Float64Array
  readonly #wrong = noDisturbances()
  #active: InjectedFault[] = []

  constructor(machines: readonly Machine[], random: Prng, startMs: number, stepMs: number) {
    this.sensors = machines.flatMap((machine) => machine.points.map((point) => sensorOf(machine, point)))
    this.#machines = machines
    this.#noise = fork(random)
    this.#weather = new Wander(fork(random), 0.5, 6 * 3_600)
    this.#shift = new Wander(fork(random), 0.02, 2_700)
    this.#stepMs = stepMs
    this.#told = new Float64Array(this.sensors.length)
    this.#couplings = {
      timeMs: startMs - settlingSteps * stepMs,
      ambientC: 14,
      production: 0.75,
      tankLevelM: 3.2,
      pumpFlowM3h: 110,
      supplyWaterC: 22,
      throughputTh: 45,
      compressorHeatKw: 70,
      furnaceHeatKw: 185,
    }
    for (let count = 0; count < settlingSteps; count++) this.step(this.#told)
  }

  get timeMs(): number {
    return this.#couplings.timeMs
  }

  inject(fault: InjectedFault): void {
    const known = this.sensors.some((sensor) => sensor.id === fault.fault.sensor)
    assert(known, `the fault's sensor ${fault.fault.sensor} is not in the plant`)
    this.#active.push(fault)
  }

  step(values: Float64Array): number {
    const plant = this.#couplings
    plant.timeMs += this.#stepMs
    this.#daily()
    this.#active = this.#active.filter((fault) => progress(fault, plant.timeMs) < 1)
    this.#disturb()
    let offset = 0
    for (const machine of this.#machines) {
      machine.step(plant, this.#wrong, this.#stepMs / 1_000, values, offset)
      offset += machine.points.length
    }
    for (let index = 0; index < values.length; index++) values[index] = this.#measure(index, values[index]!)
    return plant.timeMs
  }

  /** Weather is warmest at three in the afternoon; the shifts ask for most around two. */
  #daily(): void {
    const plant = this.#couplings
    const stepS = this.#stepMs / 1_000
    const angle = (hour: number) => (2 * Math.PI * ((plant.timeMs - hour * hourMs) % dayMs)) / dayMs
    plant.ambientC = 14 + 6 * Math.sin(angle(9)) + this.#weather.step(stepS)
    plant.production = 0.75 + 0.12 * Math.sin(angle(8)) + this.#shift.step(stepS)
  }

  #disturb(): void {
    Object.assign(this.#wrong, noDisturbances())
    for (const injected of this.#active) {
      const { actsOn } = injected.fault
      const started = progress(injected, this.timeMs) >= 0
      if (started && actsOn !== 'reading') this.#wrong[actsOn] += disturbance(injected, this.timeMs)
    }
  }

  /** What the transmitter tells of a true value: noise, the instrument's fault, the limits and steps of its scale. */
  #measure(index: number, truth: number): number {
    const { id, point } = this.sensors[index]!
    let value = truth + point.noise * this.#noise.normal()
    for (const injected of this.#active) {
      if (injected.fault.actsOn !== 'reading' || injected.fault.sensor !== id) continue
      if (progress(injected, this.timeMs) < 0) continue
      value = distort(injected, point, this.timeMs, value, this.#told[index]!, this.#noise)
    }
    if (Number.isNaN(value)) return value
    const digits = Math.round(-Math.log10(point.resolution))
    const told = Number(Math.min(point.high, Math.max(point.low, value)).toFixed(digits))
    this.#told[index] = told
    return told
  }
}

function sensorOf(machine: Machine, point: MeasuringPoint): PlantSensor {
  const labels = { area: machine.area, asset: machine.asset, measurement: point.measurement }
  return { id: `plant/${labels.area}/${labels.asset}/${labels.measurement}`, point, labels }
}
