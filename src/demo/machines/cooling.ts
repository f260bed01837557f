import type { Prng } from '../../base/prng.ts'
import { approach, clamp, fork, Wander } from '../dynamics.ts'
import { type Couplings, type Disturbances, type Machine, point } from '../machine.ts'

const setpointC = 22
const nominalHeatKw = 280
/** Heat that one m³/h of water carries a kelvin, kW. */
const kwPerM3hK = 1.163

/**
 * The cooling circuit: a tower whose fans hold the supply temperature against the weather and the machines' heat.
 *
 * Supply lies above the wet bulb by an approach that grows with the heat and falls with the air; return lies above
 * supply by the heat over the flow; the basin evaporates and is refilled between two marks.
 */
export function createCooling(random: Prng): Machine {
  const circulation = new Wander(fork(random), 0.5, 1_200)
  const humidity = new Wander(fork(random), 0.3, 3_600)
  let supplyC = 22
  let returnC = 26
  let fan = 0.6
  let basin = 72
  let refilling = false
  const points = [
    point('supply_temperature', 'celsius', 0, 60, 0.08, 0.001),
    point('return_temperature', 'celsius', 0, 80, 0.08, 0.001),
    point('flow', 'm3/h', 0, 150, 0.3, 0.01),
    point('fan_speed', '%', 0, 100, 0.25, 0.01),
    point('pump_current', 'A', 0, 40, 0.08, 0.001),
    point('basin_level', '%', 0, 100, 0.12, 0.01),
    point('ambient_temperature', 'celsius', -30, 60, 0.06, 0.001),
  ]
  const step = (plant: Couplings, wrong: Readonly<Disturbances>, stepS: number, out: Float64Array, at: number) => {
    const heatKw = plant.compressorHeatKw + plant.furnaceHeatKw
    const flow = 80 + circulation.step(stepS)
    fan = approach(fan, clamp(0.6 + 0.09 * (supplyC - setpointC), 0.15, 1), stepS, 120)
    const air = Math.max(0.1, fan * (1 - wrong.fanLoss))
    const wetBulbC = 0.75 * plant.ambientC + 2 + humidity.step(stepS)
    supplyC = approach(supplyC, wetBulbC + (5.5 * (heatKw / nominalHeatKw)) / air, stepS, 600)
    returnC = approach(returnC, supplyC + heatKw / (kwPerM3hK * flow), stepS, 240)
    if (basin < 68) refilling = true
    if (basin > 76) refilling = false
    basin += ((refilling ? 24 : 0) - 10 * (heatKw / nominalHeatKw)) * (stepS / 3_600)
    plant.supplyWaterC = supplyC
    out[at] = supplyC
    out[at + 1] = returnC
    out[at + 2] = flow
    out[at + 3] = 100 * fan
    out[at + 4] = 18 + 0.09 * (flow - 80)
    out[at + 5] = basin
    out[at + 6] = plant.ambientC
  }
  return { area: 'utility', asset: 'cooling-1', points, step }
}
