import type { CivilCalendar } from '../base/civil-calendar.ts'
import { parseDuration } from '../base/units.ts'
import { type Acceptance, type AssetSpec, defaultSpec, type SensorSpec, type SpecResolver } from '../domain/sensor.ts'
import { globMatcher } from './glob.ts'
import type { Config } from './parse.ts'
import { type CalendarSettings, calendarMaker, type ReadHolidays } from './plant-calendar.ts'
import type { SensorRule } from './schema.ts'

/** What a rule and the defaults may both set. */
type Settings = Omit<SensorRule, 'match' | 'model' | keyof CalendarSettings>

/** Readings, a duration, or never. */
function acceptance(after: number | string): Acceptance {
  if (typeof after === 'number') return { rows: after, ms: Infinity }
  return { rows: Infinity, ms: after === 'never' ? Infinity : parseDuration(after)! }
}

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
      acceptAfter: alarm?.acceptAfter === undefined ? spec.alarm.acceptAfter : acceptance(alarm.acceptAfter),
    },
    labels: settings.labels === undefined ? spec.labels : { ...spec.labels, ...settings.labels },
  }
}

/**
 * The resolver that makes a sensor's spec from the labels of its source, `defaults`, and every rule that matches its
 * id, in the file's order: a later rule wins, key by key. The label `asset` names the asset; of `assets` that are scored as
 * one, a sensor is a channel of the first that matches it.
 */
export function specResolver(
  config: Pick<Config, 'defaults' | 'sensors' | 'assets' | keyof CalendarSettings>,
  readHolidays: ReadHolidays = noFiles,
): SpecResolver {
  const calendarOf = calendarMaker(readHolidays)
  const rules = config.sensors.map((rule) => ({ rule, matches: globMatcher(rule.match) }))
  const assets = config.assets.map(({ name, channels }) => ({ name, matchers: channels.map(globMatcher) }))
  return (id, labels) => {
    let spec = apply(defaultSpec(id, labels), config.defaults)
    let calendar: CalendarSettings = config
    for (const { rule, matches } of rules) {
      if (!matches(id)) continue
      spec = apply(spec, rule)
      calendar = merged(calendar, rule)
    }
    const channelOf = assets.find(({ matchers }) => matchers.some((matches) => matches(id)))?.name ?? null
    return { ...spec, calendar: calendarOf(calendar), channelOf, asset: spec.labels['asset'] ?? channelOf }
  }
}

function merged(general: CalendarSettings, rule: CalendarSettings): CalendarSettings {
  return {
    timeZone: rule.timeZone ?? general.timeZone,
    holidays: rule.holidays ?? general.holidays,
    shifts: rule.shifts ?? general.shifts,
  }
}

function noFiles(path: string): never {
  throw new Error(`holidays of the file ${path} are not read here`)
}

/**
 * What the calendars of a configuration are, as one text: that of the plant, then those of its rules.
 *
 * Errors: as `readHolidays`.
 */
export function calendarText(
  config: Pick<Config, 'sensors' | keyof CalendarSettings>,
  readHolidays: ReadHolidays,
): string {
  const calendarOf = calendarMaker(readHolidays)
  const all: CivilCalendar[] = [config, ...config.sensors.map((rule) => merged(config, rule))].map(calendarOf)
  return [...new Set(all.map(({ fingerprint }) => fingerprint))].join(', ')
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
