import { traceTicks } from '../core/arena.ts'
import type { OutcomeFrame } from '../domain/outcome.ts'
import { qualityName } from '../domain/quality.ts'
import type { SensorSpec } from '../domain/sensor.ts'
import type { AlarmBoard } from './alarm-board.ts'
import type {
  Acceptance,
  AcceptedBy,
  Explanation,
  History,
  Page,
  Part,
  PipelineApi,
  PipelineStatus,
  SensorSummary,
} from './api.ts'
import type { Checkpointer } from './checkpointer.ts'
import { type Counters, countStates } from './counters.ts'
import type { EngineOptions } from './engine-options.ts'
import type { HistoryStore } from './history.ts'
import { LiveFeed } from './live-feed.ts'

/** What queries read. */
export interface QueryParts {
  readonly options: EngineOptions
  readonly history: HistoryStore
  readonly board: AlarmBoard
  readonly counters: Counters
  readonly checkpointer: Checkpointer
  parts(): readonly Part[]
  ready(): { readonly ready: boolean; readonly reasons: readonly string[] }
  remove(id: string): Promise<boolean>
  accept(id: string, who: AcceptedBy): Promise<Acceptance>
}

/** The read side of the engine: lists, charts, figures and the live stream. */
export function createQueries(parts: QueryParts): { readonly api: PipelineApi; readonly feed: LiveFeed } {
  const { history, board } = parts
  const { catalog } = parts.options
  const feed = new LiveFeed((slot) => (catalog.has(slot) ? summarise(parts, slot) : undefined))
  const api: PipelineApi = {
    sensors: (query) => listSensors(parts, query),
    sensor: (id) => {
      const slot = catalog.find(id)
      return slot === undefined ? undefined : summarise(parts, slot)
    },
    history: (id, query) => {
      const slot = catalog.find(id)
      return slot === undefined ? undefined : historyOf(history, id, slot, query)
    },
    explanation: (id, time) => {
      const slot = catalog.find(id)
      return slot === undefined ? undefined : explanationOf(parts, id, slot, time)
    },
    sparklines: (ids, points) => {
      const lines: Record<string, readonly (number | null)[]> = {}
      for (const id of ids) {
        const slot = catalog.find(id)
        if (slot === undefined) continue
        lines[id] = history.range(slot, -Infinity, Infinity, points).value.map(nullable)
      }
      return lines
    },
    alarms: (query) => page(board.list(query), query.offset, query.limit),
    acceptAlarm: (id, who) => parts.accept(id, who),
    removeSensor: (id) => (catalog.find(id) === undefined ? Promise.resolve(false) : parts.remove(id)),
    status: () => statusOf(parts),
    ready: () => parts.ready(),
    subscribe: (listener, { hz }) => feed.subscribe(listener, hz),
  }
  return { api, feed }
}

type SensorQuery = Parameters<PipelineApi['sensors']>[0]

function listSensors(parts: QueryParts, query: SensorQuery): Page<SensorSummary> {
  const { catalog, pipeline } = parts.options
  const search = query.search?.toLowerCase()
  const found: number[] = []
  for (const [, slot] of catalog.ids()) {
    if (search !== undefined && !mentions(catalog.spec(slot), search)) continue
    if (query.state !== undefined && pipeline.sensorState(slot) !== query.state) continue
    if (query.asset !== undefined && catalog.spec(slot).asset !== query.asset) continue
    found.push(slot)
  }
  const { items, total } = page(found, query.offset, query.limit)
  return { items: items.map((slot) => summarise(parts, slot)), total }
}

/** Whether the id or a label's value has the text in it, which is in lower case. */
function mentions({ id, labels }: SensorSpec, search: string): boolean {
  return [id, ...Object.values(labels)].some((text) => text.toLowerCase().includes(search))
}

function page<T>(all: readonly T[], offset: number, limit: number): Page<T> {
  return { items: all.slice(offset, offset + limit), total: all.length }
}

function summarise(parts: QueryParts, slot: number): SensorSummary {
  const { catalog, pipeline } = parts.options
  const { id, asset, unit, labels } = catalog.spec(slot)
  const newest = parts.history.newest(slot)
  return {
    id,
    asset,
    unit,
    labels,
    state: pipeline.sensorState(slot),
    progress: pipeline.progress(slot),
    ...(newest === undefined ? restoredFields(parts, slot) : newestFields(newest, slot)),
  }
}

/** After a restart the last reading is in the state; its band and history are not. */
function restoredFields(parts: QueryParts, slot: number) {
  const last = parts.options.pipeline.last(slot)
  if (last === null) return unseen
  const { timeMs, value, score, alarm } = last
  const quality = parts.options.pipeline.progress(slot) === null ? 'good' : 'warmup'
  return { ...unseen, quality, time: timeMs, value, score, alarm } as const
}

const unseen = {
  quality: 'warmup',
  time: null,
  value: null,
  expected: null,
  lower: null,
  upper: null,
  score: 0,
  alarm: 0,
} as const

function newestFields(newest: OutcomeFrame, slot: number) {
  return {
    quality: qualityName(newest.quality[slot]!),
    time: newest.timeMs[slot]!,
    value: nullable(newest.value[slot]!),
    expected: nullable(newest.expected[slot]!),
    lower: nullable(newest.lower[slot]!),
    upper: nullable(newest.upper[slot]!),
    score: newest.score[slot]!,
    alarm: newest.alarm[slot] === 1 ? (1 as const) : (0 as const),
  }
}

function historyOf(
  history: HistoryStore,
  sensor: string,
  slot: number,
  query: { readonly from?: number; readonly to?: number; readonly points: number },
): History {
  const columns = history.range(slot, query.from ?? -Infinity, query.to ?? Infinity, query.points)
  return {
    sensor,
    time: columns.timeMs,
    value: columns.value.map(nullable),
    expected: columns.expected.map(nullable),
    lower: columns.lower.map(nullable),
    upper: columns.upper.map(nullable),
    score: columns.score,
    alarm: columns.alarm,
    quality: columns.quality.map(qualityName),
  }
}

function explanationOf(parts: QueryParts, sensor: string, slot: number, time: number): Explanation | null {
  const reading = parts.history.readingAt(slot, time, traceTicks)
  if (reading === null) return null
  const { timeMs, value, expected, before } = reading
  const why = parts.options.pipeline.explain(slot, before, value, expected)
  if (why === null) return null
  const { residual, rest, against, sentence, byChannel, byTick } = why
  const rows = before.value.length
  return {
    sensor,
    time: timeMs,
    value,
    expected,
    residual,
    rest,
    against,
    sentence,
    channels: byChannel,
    // Ticks before the sensor's first are not shown.
    ticks: byTick.slice(-rows).map(({ contribution }, row) => ({
      time: before.timeMs[row]!,
      value: before.value[row]!,
      contribution,
    })),
  }
}

function statusOf(parts: QueryParts): PipelineStatus {
  const { options, counters, board, checkpointer } = parts
  const { catalog, pipeline, clock } = options
  const active = Object.values(board.activeByPriority()).reduce((sum, count) => sum + count, 0)
  return {
    plant: options.plant,
    model: options.modelName(),
    startedAt: counters.startedAtMs,
    readings: counters.readings,
    rejected: counters.rejected,
    scores: counters.scores,
    readingsPerSecond: counters.readingsPerSecond(),
    sensors: catalog.size,
    sensorLimit: catalog.capacity - catalog.assets.length,
    sensorStates: countStates(pipeline, catalog),
    alarmsActive: active,
    checkpointAgeMs: checkpointer.lastMs === 0 ? 0 : clock.now() - checkpointer.lastMs,
    parts: parts.parts(),
  }
}

function nullable(value: number): number | null {
  return Number.isFinite(value) ? value : null
}
