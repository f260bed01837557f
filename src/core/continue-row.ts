import { alarmWidth, C, heldColumns, Recipe } from './columns.ts'
import { noveltyWidth, tableBytes } from './novelty/layout.ts'

/** Runs of columns that tell of the sensor and its alarms, not of a model: where they begin, and how many there are. */
const runs: readonly (readonly [at: number, count: number])[] = [
  ...[C.seen, C.newestMs, C.arrivalMs, C.value, C.valueMs, C.accepted, C.run, C.silent].map((at) => [at, 1] as const),
  ...[C.faultRows, C.goodRows, C.faultReason].map((at) => [at, 1] as const),
  [C.process, alarmWidth],
  [C.instrument, alarmWidth],
  ...[C.score, C.alarm, C.quality, C.state].map((at) => [at, 1] as const),
  [C.held, Object.keys(heldColumns).length],
]

/**
 * Lets a sensor go on under another model: its last reading, its instrument's evidence and its alarms' lives are taken
 * from the row of the model before, so that no alarm vanishes or is raised twice. What the model learned stays.
 */
export function continueRow(to: Float64Array, from: Float64Array, at: number): void {
  for (const [start, count] of runs) to.set(from.subarray(at + start, at + start + count), at + start)
}

/** Recipe U knows nothing of networks: where it judges a sensor before and after, it goes on with all that it has seen. */
export function continueNovelty(to: Float64Array, from: Float64Array, at: number): void {
  if (to[at + C.recipe] !== Recipe.novelty || from[at + C.recipe] !== Recipe.novelty) return
  for (const [start, count] of [
    [at + C.novelty, noveltyWidth],
    [at + C.blocks, tableBytes / 8],
  ] as const) {
    to.set(from.subarray(start, start + count), start)
  }
}
