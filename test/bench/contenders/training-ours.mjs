import { Absent } from '../contender.mjs'

/**
 * Our training of the same windows.
 * @param {string} _dist folder of the built program
 * @param {import('../training-work.mjs').Training} _work
 * @returns {Promise<import('../training-work.mjs').TrainingRunner>}
 */
export async function openOurTraining(_dist, _work) {
  throw new Absent('this build has no trainer yet')
}
