import { randomUUID } from 'node:crypto'
import { renameSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { OperatingError } from '../base/errors.ts'
import { zoneOffset } from '../base/time-zone.ts'
import { architectureToJson } from '../model/architecture.ts'
import { type CalendarCycle, calendarCycles } from '../model/calendar.ts'
import { type Forecast, type Model, type Scale, type Scaler, type ScalerKind, scalerKinds } from '../model/model.ts'
import { writeSafetensors } from '../model/safetensors.ts'
import { makeDirectory } from '../ports/make-directory.ts'
import { writeFailure } from '../ports/write-failure.ts'
import { linearToJson } from './model-linear.ts'

type Json = Record<string, unknown>

/** Files of a model directory. */
export const modelFiles = ['model.json', 'weights.safetensors'] as const

/**
 * Writes a model directory: `model.json` with architecture, scaler and card, `weights.safetensors`.
 *
 * Each file is whole or not there: it is written beside its place and renamed.
 * Errors: `OperatingError('write')` naming the directory.
 */
export function writeModelFiles(dir: string, model: Model): void {
  const { name, forecast, linear, calibrations, scaler, periodMs, fingerprint, card } = model
  const json = {
    format: 1,
    name,
    architecture: architectureToJson(model.architecture),
    forecast,
    ...(linear === null ? {} : { linear: linearToJson(linear) }),
    ...(calibrations.size === 0 ? {} : { calibrations: Object.fromEntries(calibrations) }),
    ...(scaler === null ? {} : { scaler: scalerToJson(scaler) }),
    ...(periodMs === null ? {} : { periodMs }),
    fingerprint,
    card,
  }
  writeWhole(dir, 'weights.safetensors', writeSafetensors(model.tensors, { format: 'pt' }))
  writeWhole(dir, 'model.json', `${JSON.stringify(json, null, 2)}\n`)
}

/** Writes a file of a directory that is made where needed; never half a file. Errors: `OperatingError('write')`. */
export function writeWhole(dir: string, name: string, content: string | Uint8Array): void {
  const path = join(dir, name)
  try {
    makeDirectory(dir)
    writeFileSync(`${path}.part`, content)
    renameSync(`${path}.part`, path)
  } catch (cause) {
    removePart(`${path}.part`)
    throw writeFailure(path, cause)
  }
}

/** What a full disk left of a file would keep the disk full. */
function removePart(path: string): void {
  try {
    rmSync(path, { force: true })
  } catch {
    // It was not there, or is not ours: why the file itself could not be written is what a person must know.
  }
}

/**
 * Finds out before long work whether these files can be written to a directory; nothing is left of the attempt.
 *
 * Errors: `OperatingError('write')` naming the directory, or the directory that is in a file's place.
 */
export function checkWritable(dir: string, files: readonly string[]): void {
  let made: string[] = []
  let attempted = dir
  try {
    made = makeDirectory(dir)
    const attempt = join(dir, `.${randomUUID()}.part`)
    writeFileSync(attempt, '')
    rmSync(attempt)
    for (const file of files) {
      attempted = join(dir, file)
      if (statSync(attempted, { throwIfNoEntry: false })?.isDirectory() !== true) continue
      throw Object.assign(new Error('it is a directory'), { code: 'EISDIR' })
    }
  } catch (cause) {
    throw writeFailure(attempted, cause)
  } finally {
    for (const one of made.reverse()) rmdirSync(one)
  }
}

/** Reads the `forecast` of a model.json. Errors: `OperatingError('model')` naming the file and the key. */
export function parseForecast(path: string, json: unknown): Forecast | null {
  if (json === undefined || json === null) return null
  const { horizons, inputClip, target, calendar, timeZone, channels, context, contextMaxAgeMs } = json as Json
  if (!Number.isInteger(horizons) || typeof inputClip !== 'number' || !(inputClip > 0)) {
    throw new OperatingError('model', `${path}: forecast needs whole horizons and a positive inputClip`)
  }
  if (target !== undefined && target !== 'change' && target !== 'level') {
    throw new OperatingError('model', `${path}: forecast.target is ${JSON.stringify(target)}, not change or level`)
  }
  if (contextMaxAgeMs !== undefined && !(typeof contextMaxAgeMs === 'number' && contextMaxAgeMs > 0)) {
    throw new OperatingError('model', `${path}: forecast.contextMaxAgeMs must be a positive number of ms`)
  }
  return {
    horizons: horizons as number,
    inputClip,
    ...(target === undefined ? {} : { target }),
    ...(calendar === undefined ? {} : { calendar: cyclesOf(path, calendar) }),
    ...(timeZone === undefined ? {} : { timeZone: zoneOf(path, timeZone) }),
    ...(channels === undefined ? {} : { channels: namesOf(path, 'channels', channels) }),
    ...(context === undefined ? {} : { context: namesOf(path, 'context', context) }),
    ...(contextMaxAgeMs === undefined ? {} : { contextMaxAgeMs }),
  }
}

function zoneOf(path: string, json: unknown): string {
  if (typeof json === 'string' && zoneOffset(json) !== undefined) return json
  throw new OperatingError(
    'model',
    `${path}: forecast.timeZone ${JSON.stringify(json)} is no time zone such as Europe/Berlin`,
  )
}

function cyclesOf(path: string, json: unknown): CalendarCycle[] {
  return namesOf(path, 'calendar', json).map((name) => {
    const cycle = calendarCycles.find((word) => word === name)
    if (cycle !== undefined) return cycle
    throw new OperatingError(
      'model',
      `${path}: forecast.calendar has "${name}"; there are ${calendarCycles.join(', ')}`,
    )
  })
}

function namesOf(path: string, key: string, json: unknown): string[] {
  if (Array.isArray(json) && json.every((name) => typeof name === 'string')) return json
  throw new OperatingError('model', `${path}: forecast.${key} must be a list of names`)
}

/** A scaler as model.json has it. */
export function scalerToJson({ kind, scales }: Scaler): Json {
  return { kind, scales: Object.fromEntries(scales) }
}

/** Reads the `scaler` of a model.json. Errors: `OperatingError('model')` naming the file and the channel. */
export function parseScaler(path: string, json: unknown): Scaler | null {
  if (json === undefined || json === null) return null
  const { kind, scales } = json as Json
  const known = scalerKinds.find((word) => word === kind)
  if (known === undefined || typeof scales !== 'object' || scales === null) {
    throw new OperatingError('model', `${path}: scaler needs a kind (${scalerKinds.join(', ')}) and scales by channel`)
  }
  return scalerOf(known, Object.entries(scales), path)
}

function scalerOf(kind: ScalerKind, scales: readonly (readonly [string, unknown])[], path: string): Scaler {
  const read = scales.map(([channel, json]): [string, Scale] => {
    const { center, scale } = (json ?? {}) as Json
    if (typeof center === 'number' && Number.isFinite(center) && typeof scale === 'number' && scale > 0) {
      return [channel, { center, scale }]
    }
    throw new OperatingError('model', `${path}: scaler of "${channel}" needs a finite center and a positive scale`)
  })
  return { kind, scales: new Map(read) }
}

/** Reads the `periodMs` of a model.json. Errors: `OperatingError('model')`. */
export function parsePeriod(path: string, json: unknown): number | null {
  if (json === undefined || json === null) return null
  if (typeof json === 'number' && json > 0 && Number.isFinite(json)) return json
  throw new OperatingError('model', `${path}: periodMs is ${JSON.stringify(json)}, it must be a positive number of ms`)
}
