import { describe, expect, it } from 'vitest'
import { PrometheusMetrics } from '../../../../src/adapters/prometheus/metrics.ts'
import { PrometheusSink } from '../../../../src/adapters/prometheus/sink.ts'
import { sampleContext, sampleScores } from '../../../contract/sink-samples.ts'

async function lines(metrics: PrometheusMetrics, name: string): Promise<string[]> {
  return (await metrics.exposition()).text.split('\n').filter((line) => line.startsWith(name) && !line.startsWith('#'))
}

describe('PrometheusMetrics', () => {
  it('keeps the first sensors up to the cap and counts each further one once', async () => {
    const metrics = new PrometheusMetrics({ version: '1', seriesMax: 2 })
    for (const sensor of ['a', 'b', 'c', 'd', 'c', 'd', 'a']) metrics.anomalyScore(sensor, 0.5)
    expect(await lines(metrics, 'residua_anomaly_score')).toEqual([
      'residua_anomaly_score{sensor="a"} 0.5',
      'residua_anomaly_score{sensor="b"} 0.5',
    ])
    expect(await lines(metrics, 'residua_series_dropped_total')).toEqual(['residua_series_dropped_total 2'])
  })

  it('gives the place of a removed sensor to the next one', async () => {
    const metrics = new PrometheusMetrics({ version: '1', seriesMax: 1 })
    metrics.anomalyScore('a', 0.1)
    metrics.anomalyScore('b', 0.2)
    metrics.removeSensor('a')
    metrics.anomalyScore('b', 0.3)
    expect(await lines(metrics, 'residua_anomaly_score')).toEqual(['residua_anomaly_score{sensor="b"} 0.3'])
  })

  it('shares nothing with another instance in the same process', async () => {
    const one = new PrometheusMetrics({ version: '1', process: true })
    const other = new PrometheusMetrics({ version: '1', process: true })
    one.readings('mqtt', 5)
    expect(await lines(one, 'residua_readings_total')).toEqual(['residua_readings_total{source="mqtt"} 5'])
    expect(await lines(other, 'residua_readings_total')).toEqual([])
  })

  it('has the process’ own figures only when asked', async () => {
    expect(await lines(new PrometheusMetrics({ version: '1' }), 'process_')).toEqual([])
    expect(
      await lines(new PrometheusMetrics({ version: '1', process: true }), 'process_cpu_seconds_total'),
    ).toHaveLength(1)
  })

  it('escapes what a sensor’s id may hold', async () => {
    const metrics = new PrometheusMetrics({ version: '1' })
    metrics.anomalyScore('a"b\\c\nd', 1)
    expect(await lines(metrics, 'residua_anomaly_score')).toEqual(['residua_anomaly_score{sensor="a\\"b\\\\c\\nd"} 1'])
  })
})

describe('PrometheusSink', () => {
  it('publishes the newest row of each sensor and passes over a sensor that was removed meanwhile', async () => {
    const metrics = new PrometheusMetrics({ version: '1' })
    const context = sampleContext({ metrics })
    const sink = new PrometheusSink('prometheus')
    await sink.open(context)
    const rows = [0.1, 0.9, 0.4].map((score) => ({ sensor: 'a', score }))
    const frame = sampleScores(context, [...rows, { sensor: 'gone', score: 1 }])
    context.catalog.remove('gone')
    await sink.writeScores(frame)
    expect(await lines(metrics, 'residua_anomaly_score')).toEqual(['residua_anomaly_score{sensor="a"} 0.4'])
  })
})
