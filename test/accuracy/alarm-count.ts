import { readFileSync } from 'node:fs'
import { createPipeline } from '../../src/core/live-pipeline.ts'
import type { AlarmTransition } from '../../src/domain/alarm.ts'
import { Frame } from '../../src/domain/frame.ts'
import { OutcomeFrame } from '../../src/domain/outcome.ts'
import { defaultSpec, type Sensitivity, SensorCatalog } from '../../src/domain/sensor.ts'
import type { Model } from '../../src/model/model.ts'

const folder = new URL('../../src/demo/data/nab/', import.meta.url)

/** A labelled series: times (ms, UTC) and values by row, and the windows in which something was wrong. */
export interface LabelledSeries {
  readonly timeMs: readonly number[]
  readonly value: readonly number[]
  readonly windows: readonly (readonly [fromMs: number, toMs: number])[]
}

/** The machine temperature series that the repository ships. */
export function machineTemperature(): LabelledSeries {
  const file = 'machine_temperature_system_failure.csv'
  const rows = readFileSync(new URL(file, folder), 'utf8').trim().split('\n').slice(1)
  const labels = JSON.parse(readFileSync(new URL('windows.json', folder), 'utf8')) as Record<string, [string, string][]>
  const toMs = (text: string): number => Date.parse(`${text.slice(0, 19).replace(' ', 'T')}Z`)
  return {
    timeMs: rows.map((row) => toMs(row)),
    value: rows.map((row) => Number(row.slice(row.indexOf(',') + 1))),
    windows: labels[`realKnownCause/${file}`]!.map(([from, to]) => [toMs(from), toMs(to)] as const),
  }
}

/** What a run over a labelled series came to. */
export interface AlarmCount {
  /** Windows with an alarm row in them, by index. */
  readonly windowsFound: readonly number[]
  /** Occurrences raised outside every window; an occurrence entered again counts once. */
  readonly outside: readonly AlarmTransition[]
  readonly instrumentAlarms: number
}

/** Runs one sensor through the core as `replay --learn-rows` does, and counts its alarms. */
export function countAlarms(
  series: LabelledSeries,
  model: Model,
  options: { readonly learnRows: number; readonly sensitivity: Sensitivity },
): AlarmCount {
  const catalog = new SensorCatalog(1, (id) => ({ ...defaultSpec(id), sensitivity: options.sensitivity }))
  catalog.intern('machine')
  const pipeline = createPipeline({
    model,
    catalog,
    plant: 'test',
    quarantine: false,
    learn: { rows: options.learnRows },
  })
  const frame = new Frame(series.timeMs.length)
  series.timeMs.forEach((timeMs, row) => {
    frame.push(0, timeMs, series.value[row]!, 0, timeMs)
  })
  const out = new OutcomeFrame(frame.count)
  pipeline.step(frame, out)
  const windowOf = (timeMs: number): number => series.windows.findIndex(([from, to]) => timeMs >= from && timeMs <= to)
  const found = new Set<number>()
  for (let row = 0; row < out.count; row++) if (out.alarm[row] === 1) found.add(windowOf(out.timeMs[row]!))
  found.delete(-1)
  const raised = out.transitions.filter(({ alarm, from }) => alarm.state === 'unack' && from === 'normal')
  return {
    windowsFound: [...found].sort((a, b) => a - b),
    outside: raised.filter(({ alarm }) => alarm.class === 'process' && windowOf(alarm.eventTime) < 0),
    instrumentAlarms: raised.filter(({ alarm }) => alarm.class === 'instrument').length,
  }
}
