import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConsoleSink } from '../../src/adapters/console/sink.ts'
import { PrometheusMetrics } from '../../src/adapters/prometheus/metrics.ts'
import { sinkAdapters } from '../../src/adapters/registry.ts'
import type { SinkAdapter } from '../../src/ports/adapter.ts'
import type { Sink } from '../../src/ports/sink.ts'
import { Receiver } from './receiver.ts'
import type { SinkHarness } from './sink-suite.ts'

/** A sink of the registry from options as a configuration gives them. */
export function sinkOf(type: keyof typeof sinkAdapters, options: Record<string, unknown>): Sink {
  const adapter: SinkAdapter<unknown> = sinkAdapters[type] as SinkAdapter<unknown>
  return adapter.create(type, adapter.options.parse({ type, ...options }))
}

/** The options that bring each form of an HTTP sink to a receiver. */
export const httpSinks: Readonly<
  Record<string, { readonly type: 'influxdb' | 'alertmanager' | 'webhook'; readonly options: Record<string, unknown> }>
> = {
  'InfluxDB 1': { type: 'influxdb', options: { version: 1, database: 'plant' } },
  'InfluxDB 2': {
    type: 'influxdb',
    options: { version: 2, org: 'works', bucket: 'plant', token: '${RESIDUA_TEST_CONTRACT_TOKEN}' },
  },
  'InfluxDB 3': {
    type: 'influxdb',
    options: { version: 3, database: 'plant', token: '${RESIDUA_TEST_CONTRACT_TOKEN}' },
  },
  Alertmanager: { type: 'alertmanager', options: {} },
  webhook: { type: 'webhook', options: {} },
}

process.env['RESIDUA_TEST_CONTRACT_TOKEN'] = 'a-token'

/** Keeps points as a time-series database does: the same series and time overwrite. */
function influxdbPlace(receiver: Receiver, create: () => Sink, version: unknown): SinkHarness {
  const points = new Map<string, string>()
  receiver.answer = ({ body }) => {
    for (const line of body.split('\n').filter((text) => text !== '')) {
      const series = /^.+?(?<!\\) /.exec(line)![0]
      points.set(`${series}${line.slice(line.lastIndexOf(' '))}`, line)
    }
    return { status: 204 }
  }
  const stored = async (kind: 'scores' | 'alarms') => {
    const measurement = kind === 'scores' ? 'residua_score' : 'residua_alarm'
    return [...points.values()].filter((line) => line.startsWith(measurement))
  }
  return {
    create,
    stored,
    sensors: async (kind) => (await stored(kind)).map((line) => sensorTag(line, version === 3)),
    close: () => receiver.stop(),
  }
}

/**
 * The tag `sensor` of a line as InfluxDB reads it: a backslash stands for itself unless a comma, `=` or blank follows;
 * version 3 also reads two as one.
 */
function sensorTag(line: string, doubled: boolean): string {
  const pattern = doubled ? /,sensor=((?:\\.|[^, \\])*)/ : /,sensor=(.*?)(?<!\\)[, ]/
  const [, value] = pattern.exec(line)!
  return value!.replace(doubled ? /\\([,= \\])/g : /\\([,= ])/g, '$1')
}

function alertmanagerPlace(receiver: Receiver, create: () => Sink): SinkHarness {
  const alerts = new Map<string, { labels: Record<string, string> }>()
  receiver.answer = ({ body }) => {
    for (const alert of JSON.parse(body)) alerts.set(JSON.stringify(alert.labels), alert)
    return { status: 200 }
  }
  return {
    create,
    stored: async () => [...alerts.values()].map((alert) => JSON.stringify(alert)),
    sensors: async () => [...alerts.values()].map(({ labels }) => labels['sensor']!),
    close: () => receiver.stop(),
  }
}

function webhookPlace(receiver: Receiver, create: () => Sink): SinkHarness {
  const deliveries = new Map<string, { labels: Record<string, string> }[]>()
  receiver.answer = ({ headers, body }) => {
    deliveries.set(String(headers['x-residua-delivery']), JSON.parse(body).alerts)
    return { status: 200 }
  }
  return {
    create,
    stored: async () => [...deliveries.values()].flat().map((alert) => JSON.stringify(alert)),
    sensors: async () => [...deliveries.values()].flat().map(({ labels }) => labels['sensor']!),
    close: () => receiver.stop(),
  }
}

/** Opens the receiver of an HTTP sink and the sink's way to it. */
export async function httpPlace(label: string): Promise<SinkHarness> {
  const { type, options } = httpSinks[label]!
  const receiver = await new Receiver().start()
  const create = (): Sink => sinkOf(type, { url: receiver.url, ...options })
  if (type === 'influxdb') return influxdbPlace(receiver, create, options['version'])
  return type === 'alertmanager' ? alertmanagerPlace(receiver, create) : webhookPlace(receiver, create)
}

/** The metrics of a process, read back from its exposition. */
export async function prometheusPlace(): Promise<SinkHarness> {
  const metrics = new PrometheusMetrics({ version: '0.1.0' })
  const stored = async (): Promise<string[]> => {
    const { text } = await metrics.exposition()
    return text.split('\n').filter((line) => line.startsWith('residua_anomaly_score{'))
  }
  return {
    create: () => sinkOf('prometheus', {}),
    stored,
    sensors: async () =>
      (await stored()).map((line) =>
        /sensor="(.*)"}/.exec(line)![1]!.replace(/\\(.)/g, (_, letter: string) => (letter === 'n' ? '\n' : letter)),
      ),
    context: { metrics },
  }
}

/** What a console would show, as JSON lines. */
export async function consolePlace(): Promise<SinkHarness> {
  const lines: string[] = []
  const output = {
    write(text: string, done: () => void): boolean {
      lines.push(...text.trimEnd().split('\n'))
      done()
      return true
    },
  }
  const stored = async (kind: 'scores' | 'alarms'): Promise<string[]> =>
    lines.filter(
      (line) => 'transitionId' in JSON.parse(line) === false && 'priority' in JSON.parse(line) === (kind === 'alarms'),
    )
  return {
    create: () => new ConsoleSink('console', { type: 'console', scores: 'all', alarms: true, form: 'json' }, output),
    stored,
    sensors: async (kind) => (await stored(kind)).map((line) => JSON.parse(line).sensor),
    repeats: 'a console only shows what was written, it cannot take a line back',
  }
}

/** Files in a folder of their own. */
export async function filePlace(): Promise<SinkHarness> {
  const folder = mkdtempSync(join(tmpdir(), 'residua-sink-'))
  const paths = { scores: join(folder, 'scores.ndjson'), alarms: join(folder, 'alarms.ndjson') }
  const stored = async (kind: 'scores' | 'alarms'): Promise<string[]> =>
    readFileSync(paths[kind], 'utf8')
      .split('\n')
      .filter((line) => line !== '')
  return {
    create: () => sinkOf('file', paths),
    stored,
    sensors: async (kind) => (await stored(kind)).map((line) => JSON.parse(line).sensor),
    repeats: 'a file is appended to; a reader tells a repeat by sensor and time, or by the id of an alarm',
    close: async () => rmSync(folder, { recursive: true }),
  }
}
