import type { Prng } from '../../base/prng.ts'
import { approach, fork, Wander } from '../dynamics.ts'
import { type Couplings, type Disturbances, type Machine, point } from '../machine.ts'

const nominal = { speedRpm: 1_480, flowM3h: 120, headM: 48, shutOffHeadM: 60, staticHeadM: 10, currentA: 39 } as const
/** Fall of the pump's head and rise of the pipe's with the square of the flow, m per (m³/h)². */
const pumpCurve = (nominal.shutOffHeadM - nominal.headM) / nominal.flowM3h ** 2
const pipeCurve = (nominal.headM - nominal.staticHeadM) / nominal.flowM3h ** 2
const barPerMetre = 0.0981

/**
 * A centrifugal pump on a frequency converter that takes water from the tank.
 *
 * Flow and head follow the affinity laws against the pipe's own curve; the motor's current follows the hydraulic power;
 * bearing and winding warm up with their own time constants, the bearing's housing being cooled by the cooling water.
 */
export function createPump(random: Prng): Machine {
  const command = new Wander(fork(random), 0.006, 1_200)
  const suctionLoss = new Wander(fork(random), 0.004, 900)
  let speed = 0.95
  let bearingC = 48
  let windingC = 62
  const points = [
    point('speed', 'rpm', 0, 1_800, 1.5, 0.1),
    point('flow', 'm3/h', 0, 200, 0.5, 0.01),
    point('suction_pressure', 'bar', 0, 2, 0.003, 0.0001),
    point('discharge_pressure', 'bar', 0, 10, 0.02, 0.001),
    point('motor_current', 'A', 0, 80, 0.25, 0.01),
    point('motor_temperature', 'celsius', 0, 155, 0.25, 0.01),
    point('bearing_temperature', 'celsius', 0, 120, 0.2, 0.01),
    point('vibration', 'mm/s', 0, 20, 0.08, 0.001),
  ]
  const step = (plant: Couplings, wrong: Readonly<Disturbances>, stepS: number, out: Float64Array, at: number) => {
    speed = approach(speed, 0.7 + 0.32 * plant.production + command.step(stepS), stepS, 90)
    const drive = nominal.shutOffHeadM * speed * speed - nominal.staticHeadM
    const flow = Math.sqrt(Math.max(0, drive) / (pumpCurve + pipeCurve))
    const head = nominal.shutOffHeadM * speed * speed - pumpCurve * flow * flow
    const suction = barPerMetre * (plant.tankLevelM + 1) - 3e-6 * flow * flow + suctionLoss.step(stepS)
    const current = 6 + ((nominal.currentA - 6) * flow * head) / (nominal.flowM3h * nominal.headM)
    const hallC = plant.ambientC + 6
    const load = (current / nominal.currentA) ** 2
    bearingC = approach(
      bearingC,
      0.5 * (hallC + plant.supplyWaterC) + 26 * speed * speed + wrong.pumpBearingK,
      stepS,
      1_500,
    )
    windingC = approach(windingC, hallC + 42 * load, stepS, 2_400)
    plant.pumpFlowM3h = flow
    out[at] = nominal.speedRpm * speed
    out[at + 1] = flow
    out[at + 2] = suction
    out[at + 3] = suction + barPerMetre * head
    out[at + 4] = current
    out[at + 5] = windingC
    out[at + 6] = bearingC
    out[at + 7] = 1.1 + 1.3 * speed * speed + 0.05 * wrong.pumpBearingK
  }
  return { area: 'hall', asset: 'pump-1', points, step }
}
