import { CorePipeline } from '../../core/pipeline.ts'
import { recipe } from '../../core/recipe.ts'
import { Frame } from '../../domain/frame.ts'
import { OutcomeFrame } from '../../domain/outcome.ts'
import { Quality } from '../../domain/quality.ts'
import { defaultSpec, SensorCatalog } from '../../domain/sensor.ts'
import type { Calibration, Model } from '../../model/model.ts'
import { sortedQuantile } from '../../model/stats/sorted-quantile.ts'
import type { Prepared } from '../data/prepare.ts'

/**
 * What the core knows of each sensor after its history: the pipeline that runs live reads it, fits on the training part and
 * calibrates on the validation part, which model and network never learned from. None for a model without a linear part.
 *
 * A history behind the validation part (the test part) is not looked at.
 */
export function calibrationsOf(model: Model, prepared: readonly Prepared[]): ReadonlyMap<string, Calibration> {
  if (model.linear === null) return new Map()
  return new Map(prepared.flatMap((one) => calibrationOf(model, one)))
}

function calibrationOf(model: Model, { history, split }: Prepared): [string, Calibration][] {
  const [sensor] = history.channels as [string]
  const names = [...history.context, sensor]
  const isInput = (id: string): boolean => id !== sensor
  const catalog = new SensorCatalog(names.length, (id) => ({ ...defaultSpec(id), isInput: isInput(id) }))
  const slots = names.map((name) => catalog.intern(name))
  const rows = split.validation.to
  // A history that is too short for limits leaves the sensor to its own warm-up.
  if (rows < recipe.learnRowsMin) return []
  const learn = { rows: rows + 1, fitRows: split.train.to }
  const pipeline = new CorePipeline({ model, catalog, plant: '', quarantine: false, learn })
  const frame = new Frame(names.length)
  const out = new OutcomeFrame(names.length)
  const errors = { slow: [] as number[], fast: [] as number[] }
  const slot = slots.at(-1)!
  let before = 0
  for (let row = 0; row < rows; row++) {
    fill(frame, history, row, slots)
    out.clear()
    pipeline.step(frame, out)
    const { slow, fast, rows: seen } = pipeline.errors(slot)
    if (seen > recipe.calibrationSkip && seen > before) {
      errors.slow.push(slow)
      errors.fast.push(fast)
    }
    before = seen
  }
  if (errors.fast.length === 0) return []
  return [[sensor, pipeline.calibrate(slot, { slow: medianOf(errors.slow), fast: medianOf(errors.fast) })]]
}

/** One row of a history as readings: context first, the channel last. */
function fill(
  frame: Frame,
  { timeMs, values, channels, context }: Prepared['history'],
  row: number,
  slots: readonly number[],
): void {
  frame.clear()
  const width = channels.length + context.length
  for (const [at, slot] of slots.entries()) {
    const column = at < context.length ? channels.length + at : 0
    const value = values[row * width + column]!
    if (!Number.isNaN(value)) frame.push(slot, timeMs[row]!, value, Quality.good, timeMs[row]!)
  }
}

function medianOf(values: readonly number[]): number {
  return sortedQuantile(Float64Array.from(values).sort(), 0.5)
}
