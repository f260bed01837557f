import { math } from '../built.mjs'
import { logBetween, turn, waiting } from './noise.mjs'

/** @typedef {import('../../../src/base/prng.ts').Prng} Prng */
/**
 * What is wrong with a circulation rig in one row; all 0 where nothing is.
 * @typedef {object} Ailment
 * @property {number} outlet share of the outlet valve that is closed
 * @property {number} inlet share of the inlet valve that is closed
 * @property {number} imbalance of the rotor, in usual vibrations
 * @property {number} bubbles how much vapour or air is in the water
 * @property {number} leak share of the flow that is lost
 * @property {number} drained share of the water that is gone
 * @property {number} heat into the water beside the motor's, in its usual shares
 * @property {number} friction in the bearing, in shares of the load
 * @property {number} mains voltage that is missing, in shares
 */
/** @typedef {(ailment: Ailment, size: number) => void} Onset size 0…1: how far the fault has come */
/**
 * How a fault comes and goes: 0…1 by its share 0…1 of the stretch and by row.
 * @typedef {(share: number, row: number) => number} Course
 */

const { sin } = math

/** Each makes one fault of its own size and mixture. @type {Readonly<Record<string, (random: Prng, scale: number) => Onset>>} */
const rigFaults = {
  outletValve: (random, scale) => {
    const most = Math.min(0.9, scale * random.between(0.15, 0.4))
    return (ailment, size) => {
      ailment.outlet = most * size
    }
  },
  inletValve: (random, scale) => {
    const most = Math.min(0.9, scale * random.between(0.15, 0.4))
    const boils = random.between(0, 0.4)
    return (ailment, size) => {
      ailment.inlet = most * size
      ailment.bubbles = boils * most * size
    }
  },
  imbalance: (random, scale) => {
    const most = scale * random.between(0.08, 0.5)
    return (ailment, size) => {
      ailment.imbalance = most * size
    }
  },
  cavitation: (random, scale) => {
    const most = scale * random.between(0.1, 0.5)
    return (ailment, size) => {
      ailment.bubbles = most * size
    }
  },
  leak: (random, scale) => {
    const most = scale * random.between(0.03, 0.12)
    return (ailment, size) => {
      ailment.leak = most * size
      ailment.drained = 0.3 * most * size
    }
  },
  drain: (random, scale) => {
    const most = scale * random.between(0.05, 0.3)
    return (ailment, size) => {
      ailment.drained = most * size
      ailment.bubbles = Math.max(0, 2 * most * (size - 0.6))
    }
  },
  hotWater: (random, scale) => {
    const most = scale * random.between(0.1, 0.5)
    return (ailment, size) => {
      ailment.heat = most * size
    }
  },
  bearing: (random, scale) => {
    const most = scale * random.between(0.03, 0.12)
    const shakes = random.between(0.5, 2)
    return (ailment, size) => {
      ailment.friction = most * size
      ailment.imbalance = shakes * most * size
    }
  },
  mains: (random, scale) => {
    const most = scale * random.between(0.02, 0.08)
    return (ailment, size) => {
      ailment.mains = most * size
    }
  },
  pulsation: (random, scale) => {
    const most = Math.min(0.9, scale * random.between(0.15, 0.45))
    const [rows, phase] = [logBetween(random, 6, 40), random.uniform()]
    let at = 0
    return (ailment, size) => {
      at++
      ailment.outlet = most * size * (0.5 + 0.5 * sin(turn * (at / rows + phase)))
    }
  },
}

/** Names of the faults. */
export const rigFaultNames = Object.keys(rigFaults)

/**
 * A fault by name; `scale` makes it larger or smaller than usual.
 * @param {string} name
 * @param {Prng} random
 * @param {number} scale
 */
export function rigFault(name, random, scale) {
  const make = rigFaults[name]
  if (make === undefined)
    throw new RangeError(`no fault of a rig is called ${name}; there are ${rigFaultNames.join(', ')}`)
  return make(random, scale)
}

/**
 * A course: at once, slowly up, up and down, or on and off.
 * @param {Prng} random
 * @returns {Course}
 */
export function courseOf(random) {
  const kind = random.integer(4)
  const ramp = random.between(0.02, 0.35)
  if (kind === 0) return () => 1
  if (kind === 1) return (share) => Math.min(1, share / ramp)
  if (kind === 2) return (share) => Math.min(1, share / ramp, (1 - share) / ramp)
  const dwell = logBetween(random, 15, 60)
  let [on, left] = [true, dwell]
  return () => {
    if (--left <= 0) {
      on = !on
      left = waiting(random, on ? dwell : 0.4 * dwell)
    }
    return on ? 1 : 0.25
  }
}

/** @returns {Ailment} */
export function healthy() {
  return { outlet: 0, inlet: 0, imbalance: 0, bubbles: 0, leak: 0, drained: 0, heat: 0, friction: 0, mains: 0 }
}
