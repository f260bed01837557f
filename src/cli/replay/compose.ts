import type { FilePlan } from '../../adapters/file/inspect.ts'
import { FileSource, planFiles } from '../../adapters/file/source.ts'
import { ConfigurationError } from '../../base/errors.ts'
import { limits } from '../../base/limits.ts'
import { createPipeline } from '../../core/live-pipeline.ts'
import { defaultAsset, defaultSpec, SensorCatalog } from '../../domain/sensor.ts'
import type { Model } from '../../model/model.ts'
import { systemClock } from '../../ports/clock.ts'
import { silentMetrics } from '../../ports/metrics.ts'
import type { Sink } from '../../ports/sink.ts'
import { createEngine } from '../../runtime/engine.ts'
import type { Engine } from '../../runtime/engine-options.ts'
import { createMemoryStore } from '../../state/memory-store.ts'
import { createLiveExplainer } from '../../train/explain/live-explainer.ts'
import { createHistory } from '../bootstrap-options.ts'
import { createLog } from '../log.ts'
import { loadNamedModels } from '../named-models.ts'
import { failFast } from './fail-fast.ts'
import { onlyRows } from './only-rows.ts'
import type { ReplayPlan } from './plan.ts'
import type { Progress } from './progress.ts'
import { Tally } from './tally.ts'

/** Readings between two checkpoints of a replay: state is in memory only, so they are rare. */
const checkpointReadings = 50_000

/** A replay put together. */
export interface Replay {
  readonly engine: Engine
  readonly catalog: SensorCatalog
  readonly tally: Tally
  /** How often a context column had no value that was young enough, over all sensors. */
  maskedContext(): number
  /** Rejects when an output cannot be written. */
  readonly broken: Promise<never>
}

/**
 * Puts the pipeline of a replay together: the live engine, with files at one end, sinks at the other, its state in memory.
 *
 * Errors: `ConfigurationError` for inputs that are refused; `OperatingError` for a model that cannot be loaded.
 */
export async function composeReplay(
  plan: ReplayPlan,
  sinks: readonly Sink[],
  progress: Progress | undefined,
  json: boolean,
): Promise<Replay> {
  const { model, own } = loadNamedModels(plan.model, plan.registry)
  const files = plan.history === null ? await planFiles(plan.source) : []
  const known = plan.history === null && files.every(({ channels }) => channels !== undefined)
  const channels = files.reduce((sum, file) => sum + (file.channels ?? 0), 0)
  const inputs = inputsOf(plan, files, [model, ...own.values()])
  const resolve = (id: string, labels?: Readonly<Record<string, string>>) => ({
    ...defaultSpec(id, labels),
    sensitivity: plan.sensitivity,
    adapt: plan.adapt,
    calendar: plan.calendar,
    isInput: inputs.has(id),
    channelOf: plan.asset,
  })
  const tracks = plan.adapt === 'scale' || plan.adapt === 'both'
  const assets = plan.asset === null ? [] : [{ ...defaultAsset(plan.asset), sensitivity: plan.sensitivity, tracks }]
  const sensors = known ? Math.min(channels, limits.sensorsMax) : limits.sensorsDefault
  const catalog = new SensorCatalog(sensors, resolve, assets)
  const tally = new Tally()
  const listener = {
    progress: (done: number, total: number) => progress?.update(done, total, tally.rows),
    decoded: (file: string, _accepted: number, rejected: Parameters<Tally['decoded']>[1]) =>
      tally.decoded(file, rejected),
  }
  const { broken, breakOff } = breakable()
  const pipeline = createPipeline({
    model,
    own,
    catalog,
    plant: '',
    learn: plan.learn,
    quarantine: false,
    kernel: plan.kernel,
    explain: createLiveExplainer(),
    // No row of a channel is shown, so none is scored alone; its instrument alarms are.
    scoresChannels: plan.asset === null,
  })
  // A training makes ticks of its own of what it reads.
  const isInOrder = plan.purpose === 'score' && (plan.asset !== null || inputs.size > 0)
  const source =
    plan.history === null
      ? new FileSource('files', plan.source, listener, files)
      : createHistory(plan.history, { listener, isInOrder })
  // Of a machine that is scored as one its own rows count, else those of all that is scored; a training reads what explains, too.
  const isShown = (slot: number): boolean => (plan.asset === null ? !catalog.spec(slot).isInput : catalog.isAsset(slot))
  const shown = (sink: Sink): Sink => (plan.purpose === 'score' ? onlyRows(sink, isShown) : sink)
  const engine = createEngine({
    pipeline,
    catalog,
    sources: [source],
    sinks: [onlyRows(tally, isShown), ...sinks.map((sink) => failFast(shown(sink), breakOff))],
    store: createMemoryStore(),
    metrics: silentMetrics,
    clock: systemClock,
    log: createLog({ level: 'warn', json }),
    plant: '',
    modelName: () => model.name,
    checkpointReadings,
    ticks: false,
  })
  const maskedContext = (): number => {
    return [...catalog.ids()].reduce((sum, [, slot]) => sum + pipeline.maskedContext(slot), 0)
  }
  return { engine, catalog, tally, maskedContext, broken }
}

/** A promise that is only ever rejected, and what rejects it. */
function breakable(): { readonly broken: Promise<never>; readonly breakOff: (error: unknown) => void } {
  let breakOff: (error: unknown) => void = () => undefined
  const broken = new Promise<never>((_, reject) => {
    breakOff = reject
  })
  broken.catch(() => undefined)
  return { broken, breakOff }
}

/**
 * Sensors that only explain others: those that the command line names, and those that a model reads.
 *
 * Errors: `ConfigurationError` for a named column that no wide file has.
 */
function inputsOf({ context }: ReplayPlan, files: readonly FilePlan[], models: readonly Model[]): ReadonlySet<string> {
  if (files.length > 0 && files.every(({ format, channels }) => format === 'csv' && channels !== undefined)) {
    const columns = [...new Set(files.flatMap((file) => file.columns))]
    const missing = context.filter((name) => !columns.includes(name))
    if (missing.length > 0) {
      const there = columns.slice(0, 20).join(', ')
      throw new ConfigurationError(
        missing.map((value) => ({ path: '--context', value, expected: `no file has this column; there are ${there}` })),
      )
    }
  }
  return new Set([...context, ...models.flatMap(({ forecast }) => forecast?.context ?? [])])
}
