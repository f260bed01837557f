import { execFile, spawnSync } from 'node:child_process'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { prometheusSink } from '../../src/adapters/prometheus/index.ts'
import { PrometheusMetrics } from '../../src/adapters/prometheus/metrics.ts'
import { hostileIds, sampleContext, sampleScores } from '../contract/sink-samples.ts'
import { type Prometheus, startPrometheus } from '../servers/index.ts'
import { until } from '../servers/until.ts'
import { serverWay } from '../servers/way.mjs'

function everyMetric(): PrometheusMetrics {
  const metrics = new PrometheusMetrics({ version: '0.1.0', process: true })
  metrics.readings('plant', 10)
  metrics.rejected('plant', 'malformed', 1)
  metrics.scores(9)
  metrics.alarmsActive('high', 1)
  metrics.alarmTransition('unack')
  metrics.sensors('normal', 8)
  metrics.stepDuration(0.0004)
  metrics.endToEndLatency(0.3)
  metrics.sinkQueue('influx', 12)
  metrics.sinkError('influx', 'unreachable')
  metrics.sinkDropped('influx', 3)
  metrics.sinkSpilled('influx', 4096)
  metrics.sourceLag('kafka', 5)
  metrics.checkpoint(Date.now() - 500)
  return metrics
}

describe('the exposition, scraped by a real Prometheus', () => {
  const metrics = everyMetric()
  let target: Server
  let server: Prometheus

  beforeAll(async () => {
    target = createServer((_request, response) => {
      metrics.exposition().then(({ contentType, text }) => response.setHeader('content-type', contentType).end(text))
    })
    await new Promise<void>((resolve) => target.listen(0, '127.0.0.1', resolve))
    server = await startPrometheus({ targets: [`127.0.0.1:${(target.address() as AddressInfo).port}`] })
  })

  afterAll(async () => {
    await server.stop()
    target.closeAllConnections()
    await new Promise((resolve) => target.close(resolve))
  })

  async function query(text: string): Promise<{ metric: Record<string, string>; value: [number, string] }[]> {
    const answer = await fetch(`${server.url}/api/v1/query?${new URLSearchParams({ query: text })}`)
    const { data } = (await answer.json()) as {
      data: { result: { metric: Record<string, string>; value: [number, string] }[] }
    }
    return data.result
  }

  it('gives the newest score of every sensor, whatever its id holds', async () => {
    const context = sampleContext({ metrics })
    const sink = prometheusSink.create('prometheus', prometheusSink.options.parse({ type: 'prometheus' }))
    await sink.open(context)
    const ids = [...hostileIds, 'two\nlines', 'ends\\']
    await sink.writeScores?.(
      sampleScores(
        context,
        ids.map((sensor) => ({ sensor, score: 0.1 })),
      ),
    )
    await sink.writeScores?.(
      sampleScores(
        context,
        ids.map((sensor, index) => ({ sensor, score: index / 100 })),
      ),
    )
    const series = await until('all scores', async () => {
      const found = await query('residua_anomaly_score')
      return found.length === ids.length ? found : undefined
    })
    for (const [index, sensor] of ids.entries()) {
      const found = series.find(({ metric }) => metric['sensor'] === sensor)
      expect(Number(found?.value[1]), sensor).toBeCloseTo(index / 100)
    }
    await sink.close()
  })

  it('gives every name of the reference', async () => {
    await until('the first scrape', async () => (await query('residua_scores_total')).length === 1)
    const expected: Record<string, number> = {
      'residua_readings_total{source="plant"}': 10,
      'residua_readings_rejected_total{source="plant",reason="malformed"}': 1,
      residua_scores_total: 9,
      residua_series_dropped_total: 0,
      'residua_alarms_active{priority="high"}': 1,
      'residua_alarm_transitions_total{state="unack"}': 1,
      'residua_sensors{state="normal"}': 8,
      residua_step_duration_seconds_count: 1,
      'residua_step_duration_seconds_bucket{le="0.0005"}': 1,
      'residua_end_to_end_latency_seconds_bucket{le="0.5"}': 1,
      'residua_sink_queue_readings{sink="influx"}': 12,
      'residua_sink_errors_total{sink="influx",code="unreachable"}': 1,
      'residua_sink_dropped_total{sink="influx"}': 3,
      'residua_sink_spilled_bytes{sink="influx"}': 4096,
      'residua_source_lag_readings{source="kafka"}': 5,
      'residua_build_info{version="0.1.0"}': 1,
    }
    for (const [name, value] of Object.entries(expected)) {
      const [found] = await query(name)
      expect(Number(found?.value[1]), name).toBe(value)
    }
    const [age] = await query('residua_checkpoint_age_seconds')
    expect(Number(age?.value[1])).toBeGreaterThanOrEqual(0.5)
    expect(Number(age?.value[1])).toBeLessThan(60)
  })
})

// Where servers run in containers, their tools may not be on this machine; everywhere else they must be.
const noTool = (await serverWay()) === 'containers' && spawnSync('promtool', ['--version']).error !== undefined

describe.skipIf(noTool)('the exposition, read by promtool', () => {
  it('has nothing that promtool check metrics finds fault with', async () => {
    const { text } = await everyMetric().exposition()
    const verdict = await new Promise<{ code: unknown; output: string }>((resolve) => {
      const child = execFile('promtool', ['check', 'metrics'], (error, stdout, stderr) => {
        resolve({ code: error?.code ?? 0, output: stdout + stderr })
      })
      child.stdin?.end(text)
    })
    expect(verdict).toEqual({ code: 0, output: '' })
  })
})
