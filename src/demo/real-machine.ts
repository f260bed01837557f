import { readFileSync } from 'node:fs'
import { messageOf, OperatingError } from '../base/errors.ts'

/** A labelled failure of the real machine, ms since 1970. */
export interface FailureWindow {
  readonly startMs: number
  readonly endMs: number
}

/** The record of a real machine: parallel columns, oldest first, and the failures that its owner labelled. */
export interface RealMachine {
  readonly sensor: string
  readonly labels: Readonly<Record<'area' | 'asset' | 'measurement', string>>
  readonly timeMs: Float64Array
  readonly value: Float64Array
  readonly failures: readonly FailureWindow[]
}

const folder = new URL('./data/nab/', import.meta.url)
const series = 'machine_temperature_system_failure.csv'

function readText(name: string): string {
  try {
    return readFileSync(new URL(name, folder), 'utf8')
  } catch (cause) {
    throw new OperatingError('read', `the demo's data file ${name}: ${messageOf(cause)}`, { cause })
  }
}

/** The file's times carry no zone; they are taken as UTC. */
function timeOf(text: string): number {
  return Date.parse(`${text.replace(' ', 'T')}Z`)
}

/**
 * The temperature of a large industrial machine, every five minutes for 79 days, with four labelled failures.
 *
 * Errors: `OperatingError` read when the data is not beside the program.
 * Source: Numenta Anomaly Benchmark, realKnownCause (MIT; see NOTICE).
 */
export function loadRealMachine(): RealMachine {
  const rows = readText(series).trimEnd().split('\n').slice(1)
  const timeMs = new Float64Array(rows.length)
  const value = new Float64Array(rows.length)
  rows.forEach((row, index) => {
    const comma = row.indexOf(',')
    timeMs[index] = timeOf(row.slice(0, comma))
    value[index] = Number(row.slice(comma + 1))
  })
  const windows = JSON.parse(readText('windows.json')) as Record<string, readonly [string, string][]>
  const labels = { area: 'hall', asset: 'real-machine', measurement: 'temperature' }
  return {
    sensor: `plant/${labels.area}/${labels.asset}/${labels.measurement}`,
    labels,
    timeMs,
    value,
    failures: (windows[`realKnownCause/${series}`] ?? []).map(([start, end]) => ({
      startMs: timeOf(start),
      endMs: timeOf(end),
    })),
  }
}
