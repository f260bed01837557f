import { OutcomeFrame } from '../../domain/outcome.ts'
import type { SensorCatalog } from '../../domain/sensor.ts'
import type { Sink } from '../../ports/sink.ts'

/** A sink that sees no rows of sensors which only explain others: they are inputs, and never scored. */
export function withoutInputs(sink: Sink, catalog: SensorCatalog): Sink {
  let scored = new OutcomeFrame(0)
  const filtered = (all: OutcomeFrame): OutcomeFrame => {
    if (scored.capacity < all.count) scored = new OutcomeFrame(all.capacity)
    scored.clear()
    for (let row = 0; row < all.count; row++) if (!catalog.spec(all.slot[row]!).isInput) scored.append(all, row)
    return scored
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
