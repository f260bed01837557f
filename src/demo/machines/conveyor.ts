import type { Prng } from '../../base/prng.ts'
import { approach, fork, Wander } from '../dynamics.ts'
import { type Couplings, type Disturbances, type Machine, point } from '../machine.ts'

const nominalTh = 60
const feedS = 24 * 60
const changeoverS = 6 * 60

/**
 * The belt that feeds the furnace in batches: full feed, then a changeover at less than half.
 *
 * The drive's current carries the material and the belt's drag; belt and gearbox warm up with the work done.
 */
export function createConveyor(random: Prng): Machine {
  const batches = fork(random)
  const bulk = new Wander(fork(random), 1.2, 600)
  const slip = new Wander(fork(random), 0.004, 300)
  let feeding = true
  let leftS = feedS
  let throughputTh = 45
  let beltC = 26
  let gearboxC = 40
  const points = [
    point('speed', 'm/s', 0, 3, 0.006, 0.0001),
    point('load', 't/h', 0, 120, 0.6, 0.01),
    point('motor_current', 'A', 0, 100, 0.35, 0.01),
    point('belt_temperature', 'celsius', -20, 90, 0.15, 0.01),
    point('gearbox_temperature', 'celsius', -20, 120, 0.15, 0.01),
    point('vibration', 'mm/s', 0, 15, 0.07, 0.001),
  ]
  const step = (plant: Couplings, wrong: Readonly<Disturbances>, stepS: number, out: Float64Array, at: number) => {
    leftS -= stepS
    if (leftS <= 0) {
      feeding = !feeding
      leftS += (feeding ? feedS : changeoverS) * (0.9 + 0.2 * batches.uniform())
    }
    const wanted = nominalTh * plant.production * (feeding ? 1 : 0.45) + bulk.step(stepS)
    throughputTh = approach(throughputTh, wanted, stepS, 100)
    const drag = 1 + wrong.beltFriction
    const current = 8 + 10 * drag + 0.42 * throughputTh * drag
    const hallC = plant.ambientC + 8
    beltC = approach(beltC, hallC + 9 * drag * (throughputTh / nominalTh), stepS, 1_500)
    gearboxC = approach(gearboxC, hallC + 0.55 * current, stepS, 2_400)
    plant.throughputTh = throughputTh
    out[at] = 1.25 + slip.step(stepS) - 0.0006 * throughputTh
    out[at + 1] = throughputTh
    out[at + 2] = current
    out[at + 3] = beltC
    out[at + 4] = gearboxC
    out[at + 5] = 1.2 + 0.012 * throughputTh + 1.5 * wrong.beltFriction
  }
  return { area: 'hall', asset: 'conveyor-1', points, step }
}
