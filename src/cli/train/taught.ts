import type { Model } from '../../model/model.ts'
import type { FitResult } from '../../train/fit/fit.ts'
import type { Lesson } from '../../train/lesson.ts'
import type { GateReport } from '../../train/linear/gate-report.ts'
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
  /** What linear part, network and gate come to; null where there is no linear part. */
  readonly gate: GateReport | null
  /** Of a cross-validation, where one was made. */
  readonly folds: readonly FoldResult[]
  readonly seconds: number
}
