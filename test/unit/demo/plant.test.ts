import { describe, expect, it } from 'vitest'
import { createFaultSchedule, type InjectedFault } from '../../../src/demo/fault-schedule.ts'
import { type Fault, faultKinds, faults } from '../../../src/demo/faults.ts'
import { createPlant } from '../../../src/demo/plant.ts'

const stepMs = 60_000
const startMs = Date.UTC(2026, 0, 5)

/** One column of readings a sensor, with faults that start at the given step. */
function run(steps: number, injected: readonly InjectedFault[] = [], seed = 7): Map<string, number[]> {
  const plant = createPlant({ seed, startMs, stepMs })
  for (const fault of injected) plant.inject(fault)
  const columns = new Map(plant.sensors.map((sensor) => [sensor.id, [] as number[]]))
  const values = new Float64Array(plant.sensors.length)
  for (let step = 0; step < steps; step++) {
    plant.step(values)
    plant.sensors.forEach((sensor, index) => {
      columns.get(sensor.id)!.push(values[index]!)
    })
  }
  return columns
}

function at(fault: Fault, step: number): InjectedFault {
  const faultStartMs = startMs + step * stepMs
  return { number: 1, fault, startMs: faultStartMs, endMs: faultStartMs + fault.minutes * stepMs }
}

function the(kind: Fault['kind'], sensor: string): Fault {
  return faults.find((fault) => fault.kind === kind && fault.sensor.endsWith(sensor))!
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function deviation(values: readonly number[]): number {
  const centre = mean(values)
  return Math.sqrt(mean(values.map((value) => (value - centre) ** 2)))
}

function correlation(left: readonly number[], right: readonly number[]): number {
  const products = left.map((value, index) => (value - mean(left)) * (right[index]! - mean(right)))
  return mean(products) / (deviation(left) * deviation(right))
}

/** How far a fault moved a sensor: the run with it minus the run without it, over some steps. */
function moved(fault: Fault, sensor: string, from: number, to: number): number[] {
  const calm = run(to).get(sensor)!
  const faulty = run(to, [at(fault, 100)]).get(sensor)!
  return faulty.slice(from, to).map((value, index) => value - calm[from + index]!)
}

const calm = run(2_880)
const column = (name: string) => [...calm].find(([id]) => id.endsWith(name))![1]

describe('the simulated plant', () => {
  it('has about forty sensors on six machines, each with a unit and a scale', () => {
    const plant = createPlant({ seed: 1, startMs, stepMs })
    expect(plant.sensors).toHaveLength(40)
    expect(new Set(plant.sensors.map((sensor) => sensor.labels.asset)).size).toBe(6)
    expect(new Set(plant.sensors.map((sensor) => sensor.id)).size).toBe(40)
    for (const { id, point } of plant.sensors) {
      expect(id).toMatch(/^plant\/[a-z-]+\/[a-z]+-1\/[a-z0-9_]+$/)
      expect(point.unit).not.toBe('')
      expect(point.low).toBeLessThan(point.high)
    }
  })

  it('gives the same readings for the same seed and others for another', () => {
    expect(run(200)).toEqual(run(200))
    expect(run(200, [], 8)).not.toEqual(run(200))
  })

  it('stays within the span of every transmitter for two days, and never repeats a value for long', () => {
    const plant = createPlant({ seed: 7, startMs, stepMs })
    for (const { id, point } of plant.sensors) {
      const values = calm.get(id)!
      expect(Math.min(...values), id).toBeGreaterThan(point.low)
      expect(Math.max(...values), id).toBeLessThan(point.high)
      let same = 0
      let longest = 0
      for (let row = 1; row < values.length; row++) {
        same = values[row] === values[row - 1] ? same + 1 : 0
        longest = Math.max(longest, same)
      }
      expect(longest, id).toBeLessThan(8)
    }
  })

  it('has the rhythm of the day in the weather and in the work', () => {
    const hour = (name: string, from: number) => mean(column(name).slice(from * 60, (from + 2) * 60))
    expect(hour('ambient_temperature', 14) - hour('ambient_temperature', 2)).toBeGreaterThan(8)
    expect(hour('pump-1/flow', 13) - hour('pump-1/flow', 1)).toBeGreaterThan(5)
  })

  it('couples the machines as physics does', () => {
    expect(correlation(column('cooling-1/supply_temperature'), column('compressor-1/oil_temperature'))).toBeGreaterThan(
      0.7,
    )
    expect(correlation(column('pump-1/speed'), column('pump-1/discharge_pressure'))).toBeGreaterThan(0.8)
    expect(correlation(column('tank-1/level'), column('tank-1/bottom_pressure'))).toBeGreaterThan(0.95)
    expect(correlation(column('conveyor-1/load'), column('conveyor-1/motor_current'))).toBeGreaterThan(0.9)
    expect(correlation(column('furnace-1/fuel_flow'), column('furnace-1/flue_temperature'))).toBeGreaterThan(0.5)
  })

  it('follows the affinity laws: flow with speed against a static head, the head with its square', () => {
    const speed = column('pump-1/speed')
    const head = column('pump-1/discharge_pressure').map((bar, row) => bar - column('pump-1/suction_pressure')[row]!)
    const fast = speed.indexOf(Math.max(...speed))
    const slow = speed.indexOf(Math.min(...speed))
    const ratio = (speed[fast]! / speed[slow]!) ** 2
    expect(head[fast]! / head[slow]!).toBeGreaterThan(ratio * 0.9)
    expect(head[fast]! / head[slow]!).toBeLessThan(ratio * 1.1)
  })
})

describe('an injected fault', () => {
  it('of every kind stands in the table, on a sensor that exists', () => {
    expect(new Set(faults.map((fault) => fault.kind))).toEqual(new Set(faultKinds))
    for (const fault of faults) expect(calm.has(fault.sensor), fault.sensor).toBe(true)
  })

  it('leaves every reading before it as it was, and after it the plant finds back', () => {
    for (const fault of faults) {
      const before = moved(fault, fault.sensor, 0, 99)
      expect(
        before.every((difference) => difference === 0),
        fault.story,
      ).toBe(true)
    }
  })

  it('keeps every reading within the span of its transmitter', () => {
    const plant = createPlant({ seed: 7, startMs, stepMs })
    const schedule = createFaultSchedule({ startMs, firstMinutes: 30, everyMinutes: 60, rounds: 2 })
    const injected = Array.from({ length: 2 * faults.length }, () => schedule.next()!)
    expect(schedule.next()).toBeUndefined()
    const faulty = run(2_000, injected)
    for (const { id, point } of plant.sensors) {
      const told = faulty.get(id)!.filter((value) => !Number.isNaN(value))
      expect(Math.min(...told), id).toBeGreaterThan(point.low)
      expect(Math.max(...told), id).toBeLessThan(point.high)
    }
  })

  it('of kind step shifts the reading by its magnitude', () => {
    const fault = the('step', 'discharge_pressure')
    expect(mean(moved(fault, fault.sensor, 110, 150))).toBeCloseTo(0.35, 3)
  })

  it('of kind drift grows from nothing to its magnitude', () => {
    const fault = the('drift', 'flue_oxygen')
    const difference = moved(fault, fault.sensor, 100, 249)
    expect(difference[0]).toBeLessThan(0.05)
    expect(difference.at(-1)).toBeGreaterThan(1.7)
  })

  it('of kind drift in a machine is followed by the coupled vibration', () => {
    const fault = the('drift', 'bearing_temperature')
    expect(moved(fault, fault.sensor, 210, 219).at(-1)).toBeGreaterThan(8)
    expect(moved(fault, 'plant/hall/pump-1/vibration', 210, 219).at(-1)).toBeGreaterThan(0.5)
  })

  it('of kind stuck repeats the last reading', () => {
    const fault = the('stuck', 'gearbox_temperature')
    const values = run(200, [at(fault, 100)]).get(fault.sensor)!
    expect(new Set(values.slice(100, 199)).size).toBe(1)
  })

  it('of kind silent says nothing, and then speaks again', () => {
    const fault = the('silent', 'motor_current')
    const values = run(170, [at(fault, 100)]).get(fault.sensor)!
    expect(values.map((value) => Number.isNaN(value)).lastIndexOf(true)).toBe(100 + fault.minutes - 2)
    expect(values.slice(0, 99).some((value) => Number.isNaN(value))).toBe(false)
  })

  it('of kind spike burst hits some readings and leaves the others', () => {
    const fault = the('spike burst', 'vibration')
    const hit = moved(fault, fault.sensor, 99, 139).filter((difference) => difference > 1.5)
    expect(hit.length).toBeGreaterThan(3)
    expect(hit.length).toBeLessThan(20)
  })

  it('of kind noise rise makes the readings rougher and leaves their mean', () => {
    const fault = the('noise rise', 'pump-1/flow')
    const difference = moved(fault, fault.sensor, 99, 189)
    expect(Math.abs(mean(difference))).toBeLessThan(1.2)
    expect(deviation(difference)).toBeGreaterThan(2)
    expect(deviation(difference)).toBeLessThan(4)
  })

  it('of kind oscillation swings with its amplitude and period', () => {
    const fault = the('oscillation', 'zone2_temperature')
    const difference = moved(fault, fault.sensor, 99, 123)
    expect(Math.max(...difference)).toBeCloseTo(9, 0)
    expect(Math.min(...difference)).toBeCloseTo(-9, 0)
    expect(difference[3]! * difference[9]!).toBeLessThan(0)
    expect(difference[3]! * difference[15]!).toBeGreaterThan(0)
  })

  it('of kind leak lowers the level and makes the controller open the inlet', () => {
    const fault = the('leak', 'level')
    expect(moved(fault, fault.sensor, 215, 219)[0]).toBeLessThan(-10)
    expect(mean(moved(fault, 'plant/yard/tank-1/inlet_flow', 200, 219))).toBeGreaterThan(6)
    expect(moved(fault, 'plant/hall/pump-1/suction_pressure', 215, 219)[0]).toBeLessThan(-0.04)
  })

  it('of the cooling tower reaches the machines that its water cools', () => {
    const fault = the('step', 'supply_temperature')
    expect(mean(moved(fault, fault.sensor, 170, 189))).toBeGreaterThan(1)
    expect(mean(moved(fault, 'plant/utility/compressor-1/oil_temperature', 170, 189))).toBeGreaterThan(0.7)
    expect(mean(moved(fault, 'plant/hall/pump-1/bearing_temperature', 170, 189))).toBeGreaterThan(0.3)
  })
})
