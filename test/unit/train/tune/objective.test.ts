import { expect, test } from 'vitest'
import type { History } from '../../../../src/train/data/history.ts'
import { makeLesson } from '../../../../src/train/lesson.ts'
import { parsePlan } from '../../../../src/train/plan.ts'
import { testPart } from '../../../../src/train/test-part.ts'
import { relativeError } from '../../../../src/train/tune/objective.ts'

/** A wave of 200 rows; with a gap before each of these rows. */
function wave(gaps: readonly number[] = []): History {
  const rows = 200
  const gapBefore = new Uint8Array(rows)
  for (const row of [0, ...gaps]) gapBefore[row] = 1
  return {
    ...{ name: 'pump', channels: ['pump'], context: [], stepMs: 1_000, gapBefore },
    timeMs: Float64Array.from({ length: rows }, (_, n) => n * 1_000),
    values: Float64Array.from({ length: rows }, (_, n) => 20 + 3 * Math.sin(n / 4)),
  }
}

function lessonOf(history: History, horizons = 1, data: object = {}): ReturnType<typeof makeLesson> {
  return makeLesson([history], parsePlan({ data: { window: 8, horizons, scaler: 'none', ...data } }), null)
}

test('over one horizon it is the mean error of the validation part by that of the last value', () => {
  const { model, prepared } = lessonOf(wave([160]))
  const [part] = testPart(model, prepared[0]!, prepared[0]!.split.validation, 8)
  // The same sums in another order of additions.
  expect(relativeError(model, prepared, 8, 1)).toBeCloseTo(part!.mae / part!.naiveMae, 12)
})

test('what comes after the validation part changes nothing', () => {
  const { model, prepared } = lessonOf(wave(), 3)
  const before = relativeError(model, prepared, 8, 3)
  const { split } = prepared[0]!
  prepared[0]!.history.values.fill(1e6, split.test.from)
  expect(relativeError(model, prepared, 8, 3)).toBe(before)
})

test('what lies across a gap is not judged, at any horizon', () => {
  const stepped = wave([160])
  // Nothing moves but the step over the gap: were it judged, there would be something to compare.
  stepped.values.fill(5, 120, 160)
  stepped.values.fill(1_000, 160)
  const gapped = lessonOf(stepped, 3)
  expect(() => relativeError(gapped.model, gapped.prepared, 8, 3)).toThrow(/nothing that moves/)
  stepped.gapBefore[160] = 0
  const joined = lessonOf(stepped, 3)
  expect(relativeError(joined.model, joined.prepared, 8, 3)).toBeGreaterThan(0)
})

test('a validation part in which nothing moves cannot be judged', () => {
  const flat = wave()
  flat.values.fill(5, 120)
  const { model, prepared } = lessonOf(flat)
  expect(() => relativeError(model, prepared, 8, 1)).toThrow(/nothing that moves/)
})
