import { describe, expect, it } from 'vitest'
import { OutcomeFrame } from '../../../src/domain/outcome.ts'
import { Quality } from '../../../src/domain/quality.ts'
import { HistoryStore } from '../../../src/runtime/history.ts'

function append(history: HistoryStore, rows: readonly { value: number; quality?: number; alarm?: 0 | 1 }[]): void {
  const outcome = new OutcomeFrame(rows.length)
  for (const [row, { value, quality = Quality.good, alarm = 0 }] of rows.entries()) {
    outcome.slot[row] = 0
    outcome.timeMs[row] = 1_000 * value
    outcome.value[row] = value
    outcome.quality[row] = quality
    outcome.alarm[row] = alarm
  }
  outcome.count = rows.length
  history.append(outcome)
}

describe('recent readings', () => {
  it('are the newest good ones outside alarms, oldest first', () => {
    const history = new HistoryStore(1)
    expect(history.recent(0, 3)).toBeNull()
    append(history, [{ value: 1 }, { value: 2 }, { value: 3, quality: Quality.stuck }, { value: 4, alarm: 1 }])
    append(history, [{ value: 5, quality: Quality.warmup }, { value: 6, quality: Quality.learning }, { value: 7 }])
    expect(history.recent(0, 10)).toEqual({ timeMs: [1_000, 2_000, 5_000, 6_000, 7_000], value: [1, 2, 5, 6, 7] })
    expect(history.recent(0, 2)!.value).toEqual([6, 7])
  })

  it('outlive the ring without a gap', () => {
    const history = new HistoryStore(1)
    append(
      history,
      Array.from({ length: 3_000 }, (_, value) => ({ value })),
    )
    expect(history.recent(0, 1_000)!.value).toEqual(Array.from({ length: 1_000 }, (_, at) => 2_000 + at))
  })
})
