import type { Sink } from '../../ports/sink.ts'

/**
 * A sink whose first failed write ends the replay.
 *
 * Live, a write is tried again until the disk has room; a person at a terminal wants to know at once instead.
 */
export function failFast(sink: Sink, failed: (error: unknown) => void): Sink {
  const guard = async (write: Promise<void> | undefined): Promise<void> => {
    try {
      await write
    } catch (error) {
      failed(error)
      throw error
    }
  }
  return {
    name: sink.name,
    settings: sink.settings,
    open: (context) => sink.open(context),
    writeScores: (scores) => guard(sink.writeScores?.(scores)),
    writeAlarms: (transitions) => guard(sink.writeAlarms?.(transitions)),
    close: () => sink.close(),
  }
}
