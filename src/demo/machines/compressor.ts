import type { Prng } from '../../base/prng.ts'
import { approach, clamp, fork, Wander } from '../dynamics.ts'
import { type Couplings, type Disturbances, type Machine, point } from '../machine.ts'

const capacityM3min = 20
const shaftKw = 110

/**
 * An oil-injected screw compressor, cooled by the cooling water, that feeds the plant's compressed air.
 *
 * The air taken follows the material handled; a leaking valve makes the machine compress the same air twice, so that
 * load, current, heat and the temperature of the discharge rise while the delivered flow stays.
 */
export function createCompressor(random: Prng): Machine {
  const demand = new Wander(fork(random), 0.5, 600)
  const control = new Wander(fork(random), 0.02, 180)
  let load = 0.6
  let airM3min = 11
  let oilC = 55
  let dischargeC = 82
  const points = [
    point('load', '%', 0, 110, 0.5, 0.01),
    point('air_flow', 'm3/min', 0, 25, 0.08, 0.001),
    point('discharge_pressure', 'bar', 0, 12, 0.015, 0.001),
    point('motor_current', 'A', 0, 250, 0.8, 0.01),
    point('oil_temperature', 'celsius', 0, 120, 0.2, 0.01),
    point('discharge_temperature', 'celsius', 0, 150, 0.25, 0.01),
    point('vibration', 'mm/s', 0, 20, 0.1, 0.001),
  ]
  const step = (plant: Couplings, wrong: Readonly<Disturbances>, stepS: number, out: Float64Array, at: number) => {
    const taken = 5 + 0.1 * plant.throughputTh + 2.5 * plant.production + demand.step(stepS)
    airM3min = approach(airM3min, clamp(taken, 2, capacityM3min), stepS, 90)
    load = approach(load, clamp(airM3min / (1 - wrong.valveLeak) / capacityM3min, 0.1, 1.08), stepS, 120)
    const pressure = 7.4 - 0.5 * load + control.step(stepS)
    oilC = approach(oilC, plant.supplyWaterC + 22 + 16 * load, stepS, 900)
    dischargeC = approach(dischargeC, oilC + 18 + 12 * load + 45 * wrong.valveLeak, stepS, 360)
    plant.compressorHeatKw = 0.9 * shaftKw * (0.25 + 0.75 * load)
    out[at] = 100 * load
    out[at + 1] = airM3min
    out[at + 2] = pressure
    out[at + 3] = 45 + 150 * load * (pressure / 7)
    out[at + 4] = oilC
    out[at + 5] = dischargeC
    out[at + 6] = 2.1 + 1.4 * load + 2 * wrong.valveLeak
  }
  return { area: 'utility', asset: 'compressor-1', points, step }
}
