import type { AlarmState, AlarmTransition } from '../../../src/domain/alarm.ts'
import { type Metrics, silentMetrics as nobodysMetrics } from '../../../src/ports/metrics.ts'
import type { PlantModels, Registered, RegisteredModel, RunningModels } from '../../../src/ports/plant-models.ts'
import type {
  Acceptance,
  AcceptedBy,
  Explanation,
  LiveEvent,
  PipelineApi,
  SensorSummary,
} from '../../../src/runtime/api.ts'

/** A sensor as a list shows it, with what a test wants different. */
export function sensor(id: string, different: Partial<SensorSummary> = {}): SensorSummary {
  return {
    id,
    asset: null,
    unit: 'bar',
    labels: {},
    state: 'normal',
    quality: 'good',
    time: 1_700_000_000_000,
    value: 1,
    expected: 1,
    lower: 0,
    upper: 2,
    score: 0.1,
    alarm: 0,
    progress: null,
    ...different,
  }
}

/** An alarm transition of a sensor. */
export function transition(id: string, sensorId: string, state: AlarmState = 'unack'): AlarmTransition {
  return {
    transitionId: `${id}-${state}`,
    from: 'normal',
    raisedTime: 1_700_000_000_000,
    alarm: {
      id,
      fingerprint: 'f',
      plant: 'north',
      sensor: sensorId,
      asset: null,
      class: 'process',
      state,
      priority: 'high',
      eventTime: 1_700_000_000_000,
      detectedTime: 1_700_000_000_100,
      value: 9,
      expected: 1,
      lower: 0,
      upper: 2,
      score: 0.9,
      message: 'value above the expected band',
    },
  }
}

/** A pipeline that answers from two lists and says what a test tells it to say. */
export class ScriptedApi implements PipelineApi {
  sensorsById = new Map<string, SensorSummary>()
  transitions: AlarmTransition[] = []
  asked: unknown[] = []
  state = { ready: true, reasons: [] as string[] }
  readonly listeners = new Set<(event: LiveEvent) => void>()

  constructor(sensors: readonly SensorSummary[] = []) {
    for (const one of sensors) this.sensorsById.set(one.id, one)
  }

  say(event: LiveEvent): void {
    for (const listener of this.listeners) listener(event)
  }

  sensors(query: Parameters<PipelineApi['sensors']>[0]) {
    this.asked.push(query)
    const all = [...this.sensorsById.values()]
    return { items: all.slice(query.offset, query.offset + query.limit), total: all.length }
  }

  sensor(id: string) {
    return this.sensorsById.get(id)
  }

  history(id: string, query: Parameters<PipelineApi['history']>[1]) {
    this.asked.push(query)
    if (!this.sensorsById.has(id)) return undefined
    return {
      sensor: id,
      time: [1, 2],
      value: [1, null],
      expected: [1, null],
      lower: [0, null],
      upper: [2, null],
      score: [0.1, 0.1],
      alarm: [0, 0],
      quality: ['good', 'bad'] as const,
    }
  }

  why: Explanation | null = null

  explanation(id: string, time: number) {
    this.asked.push({ id, time })
    return this.sensorsById.has(id) ? this.why : undefined
  }

  sparklines(ids: readonly string[], points: number) {
    this.asked.push({ ids, points })
    return Object.fromEntries(ids.filter((id) => this.sensorsById.has(id)).map((id) => [id, [1, null, 2]]))
  }

  alarms(query: Parameters<PipelineApi['alarms']>[0]) {
    this.asked.push(query)
    return { items: this.transitions, total: this.transitions.length }
  }

  accepted: { readonly id: string; readonly who: AcceptedBy } | undefined

  async acceptAlarm(id: string, who: AcceptedBy): Promise<Acceptance> {
    const refusal = (['unknown', 'instrument', 'over'] as const).find((word) => word === id)
    if (refusal !== undefined) return refusal
    this.accepted = { id, who }
    return this.alarms({ offset: 0, limit: 1 }).items[0]!
  }

  async removeSensor(id: string) {
    return this.sensorsById.delete(id)
  }

  status() {
    return {
      plant: 'north',
      model: 'base',
      startedAt: 1_700_000_000_000,
      readings: 10,
      rejected: { malformed: 1 },
      scores: 9,
      readingsPerSecond: 5,
      sensors: this.sensorsById.size,
      sensorLimit: 50_000,
      sensorStates: { warmup: 0, normal: this.sensorsById.size, anomaly: 0, fault: 0, silent: 0 },
      alarmsActive: this.transitions.length,
      checkpointAgeMs: 12,
      parts: [{ name: 'mqtt', kind: 'source' as const, up: true, detail: 'connected' }],
    }
  }

  ready() {
    return this.state
  }

  subscribe(listener: (event: LiveEvent) => void) {
    this.listeners.add(listener)
    return () => void this.listeners.delete(listener)
  }
}

/** Metrics that count nothing and say so little that a test knows it again. */
export const silentMetrics: Metrics = {
  ...nobodysMetrics,
  exposition: async () => ({ contentType: 'text/plain; version=0.0.4; charset=utf-8', text: 'residua_build_info 1\n' }),
}

/** A registry of one model that remembers what it was asked to change. */
export class ScriptedModels implements PlantModels {
  readonly changes: unknown[][] = []
  now: RunningModels = { model: 'pump@1', shadow: null, follows: 'pump', problem: null, lastChange: null }
  models: RegisteredModel[] = []
  damaged: string[] = []

  running(): RunningModels {
    return this.now
  }

  registered(): Registered {
    return { models: this.models, damaged: this.damaged }
  }

  async promote(...change: unknown[]): Promise<void> {
    this.changes.push(['promote', ...change])
  }

  async rollback(...change: unknown[]): Promise<void> {
    this.changes.push(['rollback', ...change])
  }

  async shadow(...change: unknown[]): Promise<void> {
    this.changes.push(['shadow', ...change])
  }
}
