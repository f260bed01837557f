import { OutcomeFrame } from '../../domain/outcome.ts'
import type { Sink } from '../../ports/sink.ts'

/** A sink that is given the rows of some slots alone. Alarms of all pass. */
export function onlyRows(sink: Sink, isShown: (slot: number) => boolean): Sink {
  let shown = new OutcomeFrame(0)
  const filtered = (all: OutcomeFrame): OutcomeFrame => {
    if (shown.capacity < all.count) shown = new OutcomeFrame(all.capacity)
    shown.clear()
    for (let row = 0; row < all.count; row++) if (isShown(all.slot[row]!)) shown.append(all, row)
    return shown
  }
  return {
    name: sink.name,
    settings: sink.settings,
    open: (context) => sink.open(context),
    writeScores: async (all) => {
      await sink.writeScores?.(filtered(all))
    },
    writeAlarms: async (transitions) => {
      await sink.writeAlarms?.(transitions)
    },
    close: () => sink.close(),
  }
}
