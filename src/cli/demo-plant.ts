import { PrometheusMetrics } from '../adapters/prometheus/metrics.ts'
import { createPipeline } from '../core/live-pipeline.ts'
import { feedHistory, historyRows } from '../demo/history.ts'
import { createPlant, type Plant } from '../demo/plant.ts'
import { loadRealMachine, type RealMachine } from '../demo/real-machine.ts'
import { demoSpecs } from '../demo/specs.ts'
import { SensorCatalog } from '../domain/sensor.ts'
import type { Clock } from '../ports/clock.ts'
import type { Log } from '../ports/log.ts'
import type { Metrics } from '../ports/metrics.ts'
import type { Sink } from '../ports/sink.ts'
import type { Source } from '../ports/source.ts'
import { createEngine } from '../runtime/engine.ts'
import type { Engine } from '../runtime/engine-options.ts'
import { createMemoryStore } from '../state/memory-store.ts'
import { createLiveExplainer } from '../train/explain/live-explainer.ts'
import { loadModelFiles } from './model-files.ts'
import { residuaVersion } from './version.ts'

/** Room for the plant, the real machine, and what a visitor publishes. */
const sensorsMax = 2_000

/** Where the demo's plant starts its history: a Monday at midnight. */
export const plantStartMs = Date.UTC(2026, 0, 5)

/** One reading a minute, on the plant's clock. */
export const plantStepMs = 60_000

/** The demo's world before its first reading: nothing learned yet. */
export interface World {
  readonly plant: Plant
  readonly machine: RealMachine
}

/** Makes the plant of a seed and loads the real machine's record. Errors: `read` when the data file is missing. */
export function createWorld(seed: number): World {
  return {
    plant: createPlant({ seed, startMs: plantStartMs, stepMs: plantStepMs }),
    machine: loadRealMachine(),
  }
}

/** What the demo's engine is made of, beside its world. */
export interface DemoParts {
  readonly world: World
  /** Between two readings of a plant sensor, on the clock of the readings. */
  readonly stepMs: number
  /** Event time of a plant row of the history. */
  stampMs(row: number): number
  readonly sources: readonly Source[]
  readonly sinks: readonly Sink[]
  readonly clock: Clock
  readonly log: Log
  readonly checkpointReadings?: number
}

/** An engine that has been through the history and waits for `start`; state is in memory. */
export async function createDemoEngine(
  parts: DemoParts,
): Promise<{ readonly engine: Engine; readonly metrics: Metrics; readonly catalog: SensorCatalog }> {
  const { world, stepMs, sources, sinks, clock, log, checkpointReadings } = parts
  const model = await loadModelFiles('base')
  const catalog = new SensorCatalog(sensorsMax, demoSpecs(world.plant, world.machine, stepMs))
  const metrics = new PrometheusMetrics({ version: residuaVersion, process: true })
  const plant = 'demo'
  // The last row of its history is scored already, so that it is no longer learning when the page opens.
  const untilMs = world.machine.timeMs[historyRows - 1]!
  const engine = createEngine({
    // The real machine's first week is known to be healthy; of the plant nothing is said, as of any new sensor.
    pipeline: createPipeline({
      model,
      catalog,
      plant,
      explain: createLiveExplainer(),
      quarantine: true,
      learn: { untilMs },
    }),
    catalog,
    sources,
    sinks,
    store: createMemoryStore(),
    metrics,
    clock,
    log,
    plant,
    modelName: () => model.name,
    ...(checkpointReadings === undefined ? {} : { checkpointReadings }),
    ticks: true,
  })
  feedHistory(world.plant, world.machine, catalog, parts.stampMs, (frame) => engine.bootstrap(frame))
  return { engine, metrics, catalog }
}
