import type { Prng } from '../../base/prng.ts'
import { approach, fork, Wander } from '../dynamics.ts'
import { type Couplings, type Disturbances, type Machine, point } from '../machine.ts'

const nominalTh = 60
const setpointsC = [780, 850, 820] as const

/**
 * A continuous furnace of three zones, fired with gas and fed by the conveyor.
 *
 * Cold material pulls the zones below their set points and asks for fuel; the flue tells both; the frame's water jacket
 * gives its heat to the cooling circuit. A hunting controller swings the middle zone, and the fuel with it.
 */
export function createFurnace(random: Prng): Machine {
  const zones = setpointsC.map(() => new Wander(fork(random), 1.4, 1_200))
  const gas = new Wander(fork(random), 1.5, 900)
  const air = new Wander(fork(random), 0.12, 900)
  const draught = new Wander(fork(random), 1.4, 300)
  let material = 0.75
  let fuel = 130
  let flueC = 460
  const points = [
    point('zone1_temperature', 'celsius', 0, 1_200, 0.5, 0.1),
    point('zone2_temperature', 'celsius', 0, 1_200, 0.5, 0.1),
    point('zone3_temperature', 'celsius', 0, 1_200, 0.5, 0.1),
    point('fuel_flow', 'm3/h', 0, 300, 0.8, 0.01),
    point('flue_oxygen', '%', 0, 21, 0.05, 0.001),
    point('flue_temperature', 'celsius', 0, 900, 1, 0.1),
    point('chamber_pressure', 'Pa', -100, 100, 0.6, 0.01),
  ]
  const step = (plant: Couplings, wrong: Readonly<Disturbances>, stepS: number, out: Float64Array, at: number) => {
    material = approach(material, plant.throughputTh / nominalTh, stepS, 720)
    const wanted = 65 + 88 * material + gas.step(stepS) - 1.2 * wrong.zoneHuntingC
    fuel = approach(fuel, wanted, stepS, 240)
    flueC = approach(flueC, 400 + 0.45 * fuel, stepS, 600)
    plant.furnaceHeatKw = 110 + 100 * material
    for (let zone = 0; zone < setpointsC.length; zone++) {
      const pull = (zone === 0 ? 14 : 8) * (material - 0.75)
      const hunting = zone === 1 ? wrong.zoneHuntingC : 0.25 * wrong.zoneHuntingC
      out[at + zone] = setpointsC[zone]! - pull + zones[zone]!.step(stepS) + hunting
    }
    out[at + 3] = fuel
    out[at + 4] = 3.2 - 0.6 * (material - 0.75) + air.step(stepS)
    out[at + 5] = flueC
    out[at + 6] = -12 + draught.step(stepS)
  }
  return { area: 'hot-end', asset: 'furnace-1', points, step }
}
