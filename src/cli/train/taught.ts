import type { Model } from '../../model/model.ts'
import type { FitResult } from '../../train/fit/fit.ts'
import type { Lesson } from '../../train/lesson.ts'
import type { ChannelTest } from '../../train/test-part.ts'
import type { FoldResult } from './cross-validate.ts'

/** What a training came to. */
export interface Taught {
  readonly name: string
  readonly dir: string
  readonly model: Model
  readonly lesson: Lesson
  readonly result: FitResult
  readonly tests: readonly ChannelTest[]
  /** Of a cross-validation, where one was made. */
  readonly folds: readonly FoldResult[]
  readonly seconds: number
}
