import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { OperatingError } from '../../base/errors.ts'
import { writeWhole } from '../model-directory.ts'
import { misfitOf } from './record.ts'

const side = z.object({
  /** Mean of |observed − expected| over the readings that both scored, in the sensor's unit. */
  meanError: z.number(),
  /** Readings with a score of 0.5 and more. */
  anomalies: z.int().min(0),
})

const comparisonSchema = z.object({
  format: z.literal(1),
  /** Versions that were compared. */
  live: z.int().min(1),
  shadow: z.int().min(1),
  /** Event time, ms since 1970: first and last reading that both scored; null before the first. */
  fromMs: z.number().nullable(),
  toMs: z.number().nullable(),
  /** Readings that both scored. */
  readings: z.int().min(0),
  /** Geometric mean over sensors of the shadow's mean error through the live one's: below 1 the shadow forecasts better. */
  relativeError: z.number().nullable(),
  /** Alarms that were raised, and that the shadow would have raised. */
  alarms: z.object({ live: z.int().min(0), shadow: z.int().min(0) }),
  sensors: z.array(z.object({ sensor: z.string(), readings: z.int().min(0), live: side, shadow: side })),
})

/** The live model against its shadow on the same readings, as a running plant counted it. */
export type Comparison = z.infer<typeof comparisonSchema>

const file = 'comparison.json'

/**
 * What a running plant wrote in a model's directory; null where it wrote nothing.
 *
 * Errors: `OperatingError('registry')` for a file that cannot be read.
 */
export function readComparison(dir: string): Comparison | null {
  const path = join(dir, file)
  try {
    return comparisonSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new OperatingError('registry', `${path} is no comparison (${misfitOf(cause)}); delete it`, { cause })
  }
}

/** Writes what `models show` tells, whole or not at all. Errors: `OperatingError('write')`. */
export function writeComparison(dir: string, comparison: Comparison): void {
  writeWhole(dir, file, `${JSON.stringify(comparison, null, 2)}\n`)
}
