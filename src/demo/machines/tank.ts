import type { Prng } from '../../base/prng.ts'
import { approach, clamp, fork, Wander } from '../dynamics.ts'
import { type Couplings, type Disturbances, type Machine, point } from '../machine.ts'

const heightM = 5
const areaM2 = 12
const setpointM = 3.2
/** Gain of the level controller, m³/h per metre below the set point. */
const gainM3h = 15

/**
 * The water tank before the pump: the level integrates what flows in and out, and a controller holds it by the inlet.
 *
 * A leak lowers the level until the controller's offset makes up for it: less water, more inlet, the same outlet.
 */
export function createTank(random: Prng): Machine {
  const mains = new Wander(fork(random), 2, 1_800)
  const inlet = new Wander(fork(random), 0.6, 240)
  let levelM = setpointM
  let waterC = 15
  let inletM3h = 100
  const points = [
    point('level', '%', 0, 100, 0.15, 0.01),
    point('bottom_pressure', 'kPa', 0, 60, 0.06, 0.001),
    point('inlet_flow', 'm3/h', 0, 200, 0.6, 0.01),
    point('outlet_flow', 'm3/h', 0, 200, 0.6, 0.01),
    point('temperature', 'celsius', 0, 60, 0.06, 0.001),
  ]
  const step = (plant: Couplings, wrong: Readonly<Disturbances>, stepS: number, out: Float64Array, at: number) => {
    const wanted = plant.pumpFlowM3h + gainM3h * (setpointM - levelM) + inlet.step(stepS)
    inletM3h = approach(inletM3h, clamp(wanted, 0, 180), stepS, 60)
    const net = inletM3h + mains.step(stepS) - plant.pumpFlowM3h - wrong.tankLeakM3h
    levelM = clamp(levelM + (net / areaM2) * (stepS / 3_600), 0, heightM)
    waterC = approach(waterC, 0.6 * plant.ambientC + 6, stepS, 14_400)
    plant.tankLevelM = levelM
    out[at] = (100 * levelM) / heightM
    out[at + 1] = 9.81 * levelM
    out[at + 2] = inletM3h
    out[at + 3] = plant.pumpFlowM3h
    out[at + 4] = waterC
  }
  return { area: 'yard', asset: 'tank-1', points, step }
}
