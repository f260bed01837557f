import type { SensorComparison } from '../../core/comparison.ts'
import type { ModelComparison } from '../../ports/plant-models.ts'

/** Sums up what a pipeline counted, sensor by sensor; sensors in the order given. */
export function compareModels(
  versions: Pick<ModelComparison, 'plant' | 'live' | 'shadow'>,
  sensors: readonly (SensorComparison & { readonly sensor: string })[],
): ModelComparison {
  const sum = (of: (one: SensorComparison) => number): number => sensors.reduce((total, one) => total + of(one), 0)
  return {
    ...versions,
    fromMs: sensors.length === 0 ? null : Math.min(...sensors.map(({ sinceMs }) => sinceMs)),
    toMs: sensors.length === 0 ? null : Math.max(...sensors.map(({ untilMs }) => untilMs)),
    readings: sum(({ rows }) => rows),
    relativeError: relativeError(sensors),
    alarms: { live: sum(({ liveRaises }) => liveRaises), shadow: sum(({ shadowRaises }) => shadowRaises) },
    sensors: sensors.map((one) => ({
      sensor: one.sensor,
      readings: one.rows,
      live: { meanError: one.liveError, alarms: one.liveRaises, alarmReadings: one.liveAlarmRows },
      shadow: { meanError: one.shadowError, alarms: one.shadowRaises, alarmReadings: one.shadowAlarmRows },
      apart: one.apartRows,
    })),
  }
}

/** Sensors that either model forecasts without any error have no ratio and are left out. */
function relativeError(sensors: readonly SensorComparison[]): number | null {
  const logs = sensors.map(({ liveError, shadowError }) => Math.log(shadowError / liveError)).filter(Number.isFinite)
  return logs.length === 0 ? null : Math.exp(logs.reduce((total, log) => total + log, 0) / logs.length)
}
