import type { Sink } from '../../ports/sink.ts'

/**
 * A sink whose first failed write ends the replay: `failed` hears of it, and nothing is written any more.
 *
 * Live, a write is tried again until the disk has room; a person at a terminal wants to know at once instead.
 */
export function failFast(sink: Sink, failed: (error: unknown) => void): Sink {
  let broken = false
  const guard = async (write: () => Promise<void> | undefined): Promise<void> => {
    if (broken) return
    try {
      await write()
    } catch (error) {
      broken = true
      failed(error)
    }
  }
  return {
    name: sink.name,
    settings: sink.settings,
    open: (context) => sink.open(context),
    writeScores: (scores) => guard(() => sink.writeScores?.(scores)),
    writeAlarms: (transitions) => guard(() => sink.writeAlarms?.(transitions)),
    close: () => sink.close(),
  }
}
