import { z } from 'zod'
import { duration, sinkSettings, toSinkSettings } from './options.ts'
import type { SinkSettings } from './sink.ts'

const urlText = 'expected an http:// or https:// address without a user name or password in it'

function isHttpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const url = new URL(text)
  return /^https?:$/.test(url.protocol) && url.username === '' && url.password === ''
}

/** An address of an HTTP service; credentials have options of their own, as references. */
export function httpUrl() {
  return z.string({ error: urlText }).refine(isHttpUrl, { error: urlText })
}

/** How long one request may take, connection and answer together; parsed to ms. */
export function requestTimeout() {
  return duration().default(10_000)
}

const parsedDefaults = z.strictObject(sinkSettings({ policy: 'spill' })).parse({})

/** The settings of a sink that takes alarms only: how its retries grow. Alarms wait in the journal, never dropped. */
export function alarmSettings() {
  const { retryInitial, retryMax } = sinkSettings({ policy: 'spill' })
  return { retryInitial, retryMax }
}

/** The runtime's view of `alarmSettings`. */
export function toAlarmSettings(parsed: { readonly retryInitial: number; readonly retryMax: number }): SinkSettings {
  const { retryInitial, retryMax } = parsed
  return toSinkSettings({ ...parsedDefaults, retryInitial, retryMax }, 'none', true)
}
