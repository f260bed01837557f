import { type AssetSpec, defaultSpec, type SensorSpec, type SpecResolver } from '../domain/sensor.ts'
import { globMatcher } from './glob.ts'
import type { Config } from './parse.ts'
import type { SensorRule } from './schema.ts'

/** What a rule and the defaults may both set. */
type Settings = Omit<SensorRule, 'match' | 'model'>

/** The spec with what the settings say in place of what it said before; absent keys change nothing. */
function apply(spec: SensorSpec, settings: Settings): SensorSpec {
  const { range, alarm } = settings
  return {
    ...spec,
    unit: settings.unit ?? spec.unit,
    low: range?.low ?? spec.low,
    high: range?.high ?? spec.high,
    rateMax: settings.rate ?? spec.rateMax,
    silentAfterMs: settings.silentAfter ?? spec.silentAfterMs,
    latenessMs: settings.lateness ?? spec.latenessMs,
    priority: settings.priority ?? spec.priority,
    sensitivity: settings.sensitivity ?? spec.sensitivity,
    adapt: settings.adapt ?? spec.adapt,
    context: settings.context ?? spec.context,
    alarm: {
      direction: alarm?.direction ?? spec.alarm.direction,
      delayOnMs: alarm?.delayOn ?? spec.alarm.delayOnMs,
      delayOffMs: alarm?.delayOff ?? spec.alarm.delayOffMs,
    },
    labels: settings.labels === undefined ? spec.labels : { ...spec.labels, ...settings.labels },
  }
}

/**
 * The resolver that makes a sensor's spec from the labels of its source, `defaults`, and every rule that matches its
 * id, in the file's order: a later rule wins, key by key. The label `asset` names the asset; of `assets` that are scored as
 * one, a sensor is a channel of the first that matches it.
 */
export function specResolver(config: Pick<Config, 'defaults' | 'sensors' | 'assets'>): SpecResolver {
  const rules = config.sensors.map((rule) => ({ rule, matches: globMatcher(rule.match) }))
  const assets = config.assets.map(({ name, channels }) => ({ name, matchers: channels.map(globMatcher) }))
  return (id, labels) => {
    let spec = apply(defaultSpec(id, labels), config.defaults)
    for (const { rule, matches } of rules) if (matches(id)) spec = apply(spec, rule)
    const channelOf = assets.find(({ matchers }) => matchers.some((matches) => matches(id)))?.name ?? null
    return { ...spec, channelOf, asset: spec.labels['asset'] ?? channelOf }
  }
}

/** The assets that are scored as one, as the file describes them. */
export function assetSpecs({ assets }: Pick<Config, 'assets'>): AssetSpec[] {
  return assets.map(
    ({ name, labels, period, maxAge, lateness, learnRows, trackDrift, priority, sensitivity, alarm }) => ({
      name,
      labels,
      periodMs: period ?? 0,
      maxAgeMs: maxAge ?? 0,
      latenessMs: lateness,
      warmupTicks: learnRows,
      tracks: trackDrift,
      priority,
      sensitivity,
      alarm: { delayOnMs: alarm.delayOn, delayOffMs: alarm.delayOff },
    }),
  )
}
