import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { OperatingError } from '../../base/errors.ts'
import type { ModelComparison } from '../../ports/plant-models.ts'
import { misfitOf } from '../model-card.ts'
import { writeWhole } from '../model-directory.ts'

const count = z.int().min(0)
const side = z.object({ meanError: z.number(), alarms: count, alarmReadings: count })

const comparisonSchema: z.ZodType<ModelComparison> = z.object({
  format: z.literal(1),
  plant: z.string(),
  live: z.int().min(1),
  shadow: z.int().min(1),
  fromMs: z.number().nullable(),
  toMs: z.number().nullable(),
  readings: count,
  relativeError: z.number().nullable(),
  alarms: z.object({ live: count, shadow: count }),
  sensors: z.array(z.object({ sensor: z.string(), readings: count, live: side, shadow: side, apart: count })),
})

const file = 'comparison.json'

/**
 * What a running plant wrote in a model's directory; null where it wrote nothing.
 *
 * Errors: `OperatingError('registry')` for a file that cannot be read.
 */
export function readComparison(dir: string): ModelComparison | null {
  const path = join(dir, file)
  try {
    return comparisonSchema.parse(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new OperatingError('registry', `${path} is no comparison (${misfitOf(cause)}); delete it`, { cause })
  }
}

/** Writes what `models show` tells, whole or not at all. Errors: `OperatingError('write')`. */
export function writeComparison(dir: string, comparison: ModelComparison): void {
  writeWhole(dir, file, `${JSON.stringify({ format: 1, ...comparison }, null, 2)}\n`)
}
