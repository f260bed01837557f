import { fileURLToPath } from 'node:url'
import { PrometheusMetrics } from '../adapters/prometheus/metrics.ts'
import { deadLetterAdapters, sinkAdapters, sourceAdapters } from '../adapters/registry.ts'
import { assert } from '../base/assert.ts'
import type { AdapterEntry, Config } from '../config/parse.ts'
import { assetSpecs, calendarText, specResolver } from '../config/resolve-spec.ts'
import { createPipeline } from '../core/live-pipeline.ts'
import { SensorCatalog } from '../domain/sensor.ts'
import type { KernelName } from '../model/create-kernel.ts'
import type { DeadLetterAdapter, SinkAdapter, SourceAdapter } from '../ports/adapter.ts'
import { type Clock, systemClock } from '../ports/clock.ts'
import type { Ingress } from '../ports/ingress.ts'
import type { Log } from '../ports/log.ts'
import type { DeadLetterSink, Sink } from '../ports/sink.ts'
import type { Source } from '../ports/source.ts'
import type { StateStore } from '../ports/state-store.ts'
import { createEngine } from '../runtime/engine.ts'
import type { Engine } from '../runtime/engine-options.ts'
import { ModelDesk } from '../runtime/model-desk.ts'
import { createServer, type Server } from '../server/server.ts'
import { stateStores } from '../state/registry.ts'
import { createLiveExplainer } from '../train/explain/live-explainer.ts'
import { bootstrapOptions } from './bootstrap-options.ts'
import { FollowedModels } from './plant-models.ts'
import { readHolidays } from './read-holidays.ts'
import { residuaVersion } from './version.ts'

/** What a plant needs beside its configuration. */
export interface PlantOptions {
  readonly log: Log
  readonly clock?: Clock
  /** Further sources and sinks that no configuration can name, such as the demo's own. */
  readonly sources?: readonly Source[]
  readonly sinks?: readonly Sink[]
  /** Default `wasm`. */
  readonly kernel?: KernelName
  /** A state that another kernel wrote is taken over where its rows have the same layout. */
  readonly allowKernelChange?: boolean
  /** Where the built page lies; the program's own by default. */
  readonly uiDirectory?: string
}

/** Everything of one configuration, put together: engine and server. */
export interface Plant {
  readonly engine: Engine
  readonly server: Server
  readonly catalog: SensorCatalog
  /** Listens, restores the state and starts sources and sinks. Resolves with the page's address. */
  start(): Promise<{ readonly url: string }>
  /** Drains sources and sinks, makes the last checkpoint and frees the port. */
  stop(): Promise<void>
}

function row<Adapter>(table: Readonly<Record<string, Adapter>>, type: string): Adapter {
  const adapter = table[type]
  assert(adapter !== undefined, `the configuration let the unknown type ${type} pass`)
  return adapter
}

/** Makes a source, with the options that its own schema parsed. */
export function createSource(entry: AdapterEntry): Source {
  const table: Readonly<Record<string, SourceAdapter<unknown>>> = sourceAdapters
  return row(table, entry.type).create(entry.name, entry.options)
}

/** Makes a sink, with the options that its own schema parsed. */
export function createSink(entry: AdapterEntry): Sink {
  const table: Readonly<Record<string, SinkAdapter<unknown>>> = sinkAdapters
  return row(table, entry.type).create(entry.name, entry.options)
}

/** Makes the dead-letter sink, with the options that its own schema parsed. */
export function createDeadLetter(entry: AdapterEntry) {
  const table: Readonly<Record<string, DeadLetterAdapter<unknown>>> = deadLetterAdapters
  return row(table, entry.type).create(entry.name, entry.options)
}

/** What cannot be decoded is kept beside the state where the configuration names no other place. */
function deadLetterOf({ deadLetter, state }: Config): { deadLetter?: DeadLetterSink } {
  if (deadLetter !== null) return { deadLetter: createDeadLetter(deadLetter) }
  if (state.type !== 'lmdb') return {}
  const options = deadLetterAdapters.file.options.parse({ type: 'file', path: `${state.path}/dead-letter.ndjson` })
  return { deadLetter: deadLetterAdapters.file.create('dead-letter', options) }
}

function createStore(state: Config['state']): StateStore {
  return state.type === 'lmdb' ? stateStores.lmdb(state) : stateStores.memory()
}

/** The scores at `/metrics` need no configuration: where no sink publishes them, one is added. */
function withMetricsSink(entries: readonly AdapterEntry[]): readonly AdapterEntry[] {
  if (entries.some(({ type }) => type === 'prometheus')) return entries
  const taken = new Set(entries.map(({ name }) => name))
  const name = taken.has('prometheus') ? 'prometheus-metrics' : 'prometheus'
  return [...entries, { name, type: 'prometheus', options: { type: 'prometheus' } }]
}

/**
 * `/api/v1/write` needs no configuration: where a plant runs for ever, an HTTP source stands beside the others. A plant
 * of files alone has none, so that it ends with its files.
 */
function withIngress(sources: readonly Source[]): readonly Source[] {
  if (sources.some(isIngress) || sources.every((source) => source.finished !== undefined)) return sources
  const taken = new Set(sources.map(({ name }) => name))
  const name = taken.has('http') ? 'http-write' : 'http'
  return [
    ...sources,
    createSource({ name, type: 'http', options: sourceAdapters.http.options.parse({ type: 'http' }) }),
  ]
}

function isIngress(source: Source): source is Source & Ingress {
  return 'write' in source
}

/** Whether readings of different sensors belong together: channels of an asset, or what explains and what is explained. */
function isCoupled({ assets, sensors }: Config, { live }: FollowedModels): boolean {
  const context = [live.model, ...live.own.values()].some(({ forecast }) => (forecast?.context ?? []).length > 0)
  return assets.length > 0 || context || sensors.some((rule) => (rule.context ?? []).length > 0)
}

/** The page as the build puts it beside the compiled program. */
const builtPage = fileURLToPath(new URL('../ui', import.meta.url))

/**
 * Puts a plant together; nothing runs, listens or connects before `start`.
 *
 * Errors: `OperatingError('model')` when the model cannot be loaded.
 */
export async function composePlant(config: Config, options: PlantOptions): Promise<Plant> {
  const { log, clock = systemClock } = options
  const models = new FollowedModels({
    named: config.defaults.model,
    root: config.models.path,
    plant: config.plant,
    clock,
    log,
  })
  const catalog = new SensorCatalog(config.limits.sensors, specResolver(config, readHolidays), assetSpecs(config))
  const metrics = new PrometheusMetrics({ version: residuaVersion, process: true })
  const sources = withIngress([...config.sources.map(createSource), ...(options.sources ?? [])])
  const pipeline = createPipeline({
    ...models.live,
    catalog,
    plant: config.plant,
    calendar: calendarText(config, readHolidays),
    explain: createLiveExplainer(),
    quarantine: { minTimeMs: config.minTime, maxFutureMs: config.maxFuture },
    ...(options.kernel === undefined ? {} : { kernel: options.kernel }),
  })
  const desk = new ModelDesk({ pipeline, catalog, live: models.live, former: (written) => models.former(written) })
  const engine = createEngine({
    pipeline,
    handover: desk,
    catalog,
    sources,
    sinks: [...withMetricsSink(config.sinks).map(createSink), ...(options.sinks ?? [])],
    ...deadLetterOf(config),
    store: createStore(config.state),
    metrics,
    clock,
    log,
    plant: config.plant,
    modelName: () => models.running().model,
    ...(config.state.type === 'lmdb' ? { spillDirectory: `${config.state.path}/spill` } : {}),
    checkpointMs: config.checkpoint.interval,
    checkpointReadings: config.checkpoint.readings,
    allowKernelChange: options.allowKernelChange === true,
    ...(config.bootstrap === null
      ? {}
      : { bootstrap: bootstrapOptions(config.bootstrap, clock.now(), isCoupled(config, models)) }),
    ticks: true,
  })
  models.begin(desk, engine)
  const server = createServer({
    api: engine.api,
    models,
    ingress: sources.find(isIngress),
    metrics,
    options: config.server,
    log,
    uiDirectory: options.uiDirectory ?? builtPage,
    version: residuaVersion,
  })
  return { engine, server, catalog, ...lifecycle(engine, server, models) }
}

function lifecycle(engine: Engine, server: Server, models: FollowedModels): Pick<Plant, 'start' | 'stop'> {
  return {
    async start() {
      // The port first: when another program has it, no broker has heard of us yet.
      const address = await server.listen()
      try {
        await engine.start()
      } catch (error) {
        await Promise.allSettled([engine.stop(), server.close()])
        throw error
      }
      models.start()
      return address
    },
    async stop() {
      await models.stop()
      await engine.stop()
      await server.close()
    },
  }
}
