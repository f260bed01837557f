import { toleranceMinutes } from './faults.ts'
import type { FalseAlarm, FaultRecord, Findings, FoundOn } from './findings.ts'
import { delayText, type Paint, shortName, spanText } from './teller.ts'

/** One injected fault in the summary; times are ms since 1970 on the plant's clock. */
export interface FaultSummary {
  readonly number: number
  readonly kind: string
  readonly sensor: string
  readonly magnitude: number
  readonly start: number
  readonly end: number
  readonly found: FoundOn | null
  readonly by: string | null
  readonly delayMs: number | null
}

/** What the sample came to: the document that `--once --json` prints. */
export interface Summary {
  readonly faults: readonly FaultSummary[]
  readonly injected: number
  readonly found: number
  readonly foundOnSensor: number
  readonly foundOnAsset: number
  readonly missed: number
  readonly falseAlarms: readonly FalseAlarm[]
  readonly alarms: number
  readonly sensors: number
  readonly plantHours: number
  readonly realMachine: {
    readonly failures: readonly { readonly start: number; readonly end: number; readonly firstAlarm: number | null }[]
    readonly found: number
    readonly missed: number
    readonly outside: readonly FalseAlarm[]
    readonly days: number
  }
  readonly readings: number
  readonly seconds: number
  readonly readingsPerSecond: number
  readonly history: number
}

/** Figures that the findings do not know. */
export interface SampleFigures {
  readonly sensors: number
  readonly plantHours: number
  readonly machineDays: number
  /** Readings scored, and the wall time that took; the history is counted apart. */
  readonly readings: number
  readonly seconds: number
  readonly history: number
}

function faultSummary({ injected, found }: FaultRecord): FaultSummary {
  const { number, fault, startMs, endMs } = injected
  return {
    number,
    kind: fault.kind,
    sensor: fault.sensor,
    magnitude: fault.magnitude,
    start: startMs,
    end: endMs,
    found: found?.on ?? null,
    by: found?.sensor ?? null,
    delayMs: found?.afterMs ?? null,
  }
}

/** Sums the findings up. */
export function summarize(findings: Findings, figures: SampleFigures): Summary {
  const faults = findings.records.map(faultSummary)
  const count = (on: FoundOn | null) => faults.filter((fault) => fault.found === on).length
  const found = findings.failures.filter((failure) => failure.firstMs !== null).length
  return {
    faults,
    injected: faults.length,
    found: faults.length - count(null),
    foundOnSensor: count('sensor'),
    foundOnAsset: count('asset'),
    missed: count(null),
    falseAlarms: findings.falseAlarms,
    alarms: findings.alarms,
    sensors: figures.sensors,
    plantHours: figures.plantHours,
    realMachine: {
      failures: findings.failures.map(({ startMs, endMs, firstMs }) => ({
        start: startMs,
        end: endMs,
        firstAlarm: firstMs,
      })),
      found,
      missed: findings.failures.length - found,
      outside: findings.outside,
      days: figures.machineDays,
    },
    readings: figures.readings,
    seconds: figures.seconds,
    readingsPerSecond: Math.round(figures.readings / figures.seconds),
    history: figures.history,
  }
}

function dayText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 16).replace('T', ' ')
}

function faultLine(fault: FaultSummary, paint: Paint): string {
  const result =
    fault.delayMs === null
      ? paint.red('missed')
      : fault.found === 'sensor'
        ? paint.green(`found ${delayText(fault.delayMs)}`)
        : paint.yellow(`found ${delayText(fault.delayMs)}, on ${shortName(fault.by ?? '')}`)
  const number = String(fault.number).padStart(3)
  return `${number}  ${fault.kind.padEnd(12)}${shortName(fault.sensor).padEnd(44)}${dayText(fault.start).slice(5)}  ${result}`
}

function alarmLines(alarms: readonly FalseAlarm[]): string[] {
  return alarms.map(({ sensor, timeMs, message }) => `       ${dayText(timeMs)}  ${shortName(sensor)}  ${message}`)
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}

/** The summary as a person reads it, misses and false alarms included. */
export function summaryText(summary: Summary, paint: Paint): string {
  const { realMachine: real } = summary
  const failures = real.failures.map(({ start, firstAlarm }, index) => {
    const result =
      firstAlarm === null
        ? paint.red('missed')
        : paint.green(`found ${spanText(firstAlarm - start)} into the labelled window`)
    return `${String(index + 1).padStart(3)}  failure     ${'hall/real-machine/temperature'.padEnd(44)}${dayText(start).slice(5)}  ${result}`
  })
  const split = summary.foundOnAsset === 0 ? '' : ` (${summary.foundOnAsset} of them on another sensor of the machine)`
  return [
    paint.bold(`The simulated plant: ${summary.sensors} sensors, ${summary.plantHours} hours, one reading a minute`),
    ...summary.faults.map((fault) => faultLine(fault, paint)),
    `     ${plural(summary.injected, 'fault')} injected, ${summary.found} found${split}, ${summary.missed} missed; ` +
      plural(summary.falseAlarms.length, 'false alarm'),
    ...alarmLines(summary.falseAlarms),
    '',
    paint.bold(`The real machine: ${real.days} days, one reading every five minutes, four labelled failures`),
    ...failures,
    `     ${real.failures.length} failures, ${real.found} found, ${real.missed} missed; ` +
      `${plural(real.outside.length, 'alarm')} outside the labelled windows`,
    ...alarmLines(real.outside),
    '',
    `An alarm counts for a fault from its start to ${toleranceMinutes} minutes after its end, on its sensor or an asset that it reaches.`,
    `${summary.readings} readings scored in ${summary.seconds.toFixed(1)} s: ${summary.readingsPerSecond} readings/s ` +
      `(before that, ${summary.history} of history)`,
    '',
  ].join('\n')
}
