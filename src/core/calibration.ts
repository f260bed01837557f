import { OperatingError } from '../base/errors.ts'
import type { Calibration } from '../model/model.ts'
import { startAdapting } from './adapt.ts'
import { C, Phase } from './columns.ts'
import { restartSession } from './learn.ts'
import { recipe } from './recipe.ts'
import { moveLimits } from './threshold.ts'

/** What a sensor knows when its calibration ends: habits, range, scale, usual and largest errors, band. The names are those of a file. */
const known = [
  ...(['learned', 'mean', 'squares', 'low', 'high', 'nextLow', 'nextHigh'] as const),
  ...(['longestRun', 'repeats', 'longestStepMs', 'medianStepMs', 'center', 'unit', 'span'] as const),
  ...(['fastMedian', 'slowMedian', 'fastMax', 'slowMax', 'band', 'running', 'errorRows'] as const),
  ...(['blockRows', 'blocksClosed'] as const),
] as const

/** What a sensor has learned of its normal readings and errors, to go with a model. */
export function calibrationOf(f: Float64Array, at: number): Calibration {
  const numbers = Object.fromEntries(known.map((name) => [name, f[at + C[name]]!]))
  return { ...numbers, blocks: Array.from(f.subarray(at + C.blocks, at + C.blocks + recipe.blocks * 4)) }
}

/**
 * Makes a new sensor ready at once with what a model's calibration knows of it; a session begins, so there is no alarm yet.
 *
 * Errors: `OperatingError('model')` naming the number that the calibration has not.
 */
export function adoptCalibration(f: Float64Array, at: number, calibration: Calibration, sensor: string): void {
  for (const name of known) {
    const value = calibration[name]
    if (typeof value !== 'number')
      throw new OperatingError('model', `the calibration of ${sensor} has no number "${name}"`)
    f[at + C[name]] = value
  }
  const { blocks } = calibration
  if (!Array.isArray(blocks) || blocks.length !== recipe.blocks * 4) {
    throw new OperatingError('model', `the calibration of ${sensor} needs ${recipe.blocks * 4} numbers under "blocks"`)
  }
  f.set(blocks as number[], at + C.blocks)
  f[at + C.phase] = Phase.score
  f[at + C.exact] = 1
  startAdapting(f, at)
  moveLimits(f, at)
  restartSession(f, at)
}
