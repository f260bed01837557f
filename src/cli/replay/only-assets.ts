import { OutcomeFrame } from '../../domain/outcome.ts'
import type { SensorCatalog } from '../../domain/sensor.ts'
import type { Sink } from '../../ports/sink.ts'

/** A sink that is given the rows of assets alone, not those of their channels. Alarms of both pass. */
export function onlyAssets(sink: Sink, catalog: SensorCatalog): Sink {
  return {
    name: sink.name,
    settings: sink.settings,
    open: (context) => sink.open(context),
    writeScores: async (scores) => {
      const rows = new OutcomeFrame(scores.count)
      for (let row = 0; row < scores.count; row++) if (catalog.isAsset(scores.slot[row]!)) rows.append(scores, row)
      if (rows.count > 0) await sink.writeScores?.(rows)
    },
    writeAlarms: async (transitions) => sink.writeAlarms?.(transitions),
    close: () => sink.close(),
  }
}
