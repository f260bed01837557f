import { existsSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { inputWidth, outputWidth } from '../../model/graph.ts'
import { headOf } from '../../model/head.ts'
import { createModel, type Forecast, type Model, type Scaler } from '../../model/model.ts'
import { UsageError } from '../failure.ts'
import { parseForecast, parseScaler, writeModelFiles } from '../model-directory.ts'
import { readModel } from '../model-files.ts'
import { parseLinear } from '../model-linear.ts'
import { readJsonFile, readJsonObject } from '../read-file.ts'
import { durationMs } from '../train/arguments.ts'
import { importedText } from './imported-text.ts'
import { readArchitectureFile } from './read-architecture.ts'

/** Inputs of a model from elsewhere were not clipped when it learned: the limit is one that no real reading reaches. */
const hardlyEver = 1e6

interface ImportArguments {
  readonly out: string
  readonly architecture?: string
  readonly name?: string
  readonly scaler?: string
  readonly period?: string
  readonly sensor?: readonly string[]
  readonly horizons?: string
  readonly target?: 'level' | 'change'
  readonly inputClip?: string
  readonly linear?: string
  readonly force?: boolean
}

/**
 * Makes a model directory of a file of another program, and says what is in it.
 *
 * Errors: `UsageError` for what the file does not say and the command line does not either; `OperatingError('model')`
 * naming the layer that is not built, or what of the file is damaged.
 */
export function importToDirectory(path: string, given: ImportArguments): void {
  refuseMissing(path, given)
  if (existsSync(join(given.out, 'model.json')) && given.force !== true) {
    throw new UsageError(`${given.out} has a model already: name another directory with --out, or give --force`)
  }
  const read = readModel(path, readArchitectureFile(given.architecture))
  const model = createModel(given.name ?? basename(resolve(given.out)), read.architecture, read.tensors, {
    ...(given.linear === undefined ? { forecast: forecastOf(read, given) } : linearOf(given.linear)),
    scaler: scalerOf(read, given),
    periodMs: given.period === 'any' ? null : durationMs('--period', given.period!),
    card: read.card,
  })
  writeModelFiles(given.out, model)
  process.stdout.write(importedText(given.out, model))
}

/** The linear part that the network corrects, and what its outputs are, from a file that `export` wrote. */
function linearOf(path: string): Pick<Model, 'linear' | 'forecast'> {
  const json = readJsonObject(path, 'model', 'name the linear.json that models export wrote')
  const linear = parseLinear(path, json['linear'])
  if (linear === null) throw new UsageError(`${path} has no "linear": name the linear.json that models export wrote`)
  return { linear, forecast: parseForecast(path, json['forecast']) }
}

/** A network is half of a model: how its inputs were scaled and how often they came is in no format's file. */
function refuseMissing(path: string, { scaler, period }: ImportArguments): void {
  const missing = [
    ...(scaler === undefined
      ? [
          '  --scaler FILE      how its inputs were scaled, as JSON: {"kind":"standard","scales":{"CHANNEL":{"center":…,"scale":…}}},',
          '                     or none (it reads values as they are), or warm-up (each sensor by its own first readings)',
        ]
      : []),
    ...(period === undefined
      ? [
          '  --period DURATION  the time between the readings that it was trained on, such as 5m; any, if it does not matter',
        ]
      : []),
  ]
  if (missing.length === 0) return
  const why = `${path} holds a network, but not what its numbers mean; a guess would give wrong scores without a sign. Give:`
  throw new UsageError([why, ...missing].join('\n'))
}

/** Errors: `UsageError` for a number of channels that is not the network's. */
function scalerOf(model: Model, { scaler, sensor = [] }: ImportArguments): Scaler | null {
  if (scaler === 'warm-up') return null
  const inputs = inputWidth(model.graph)
  if (scaler === 'none') {
    if (sensor.length > 0) return { kind: 'none', scales: new Map(sensor.map((id) => [id, { center: 0, scale: 1 }])) }
    throw new UsageError(
      '--scaler none is written for each channel: name them with --sensor, in the order of the inputs',
    )
  }
  const read = parseScaler(scaler!, readJsonFile(scaler!, 'read', 'name a JSON file with --scaler'))
  const known = read?.scales ?? new Map()
  const unknown = sensor.find((id) => !known.has(id))
  if (unknown !== undefined)
    throw new UsageError(`${scaler} has no scale of the channel ${unknown}: add it to "scales"`)
  if (known.size >= inputs) return read
  throw new UsageError(`the network reads ${inputs} channels, ${scaler} has scales of ${known.size}: add the others`)
}

/**
 * What the outputs are. Null without `--horizons`: such a model runs, but is no part of a pipeline.
 *
 * Errors: `UsageError` for outputs that are not horizons × channels, or a target that is not said.
 */
function forecastOf(model: Model, { horizons, target, inputClip, sensor = [] }: ImportArguments): Forecast | null {
  if (horizons === undefined) {
    if (target === undefined && inputClip === undefined) return null
    throw new UsageError('--target and --input-clip belong to a forecast: give --horizons, too')
  }
  const steps = positive('--horizons', horizons, true)
  if (target === undefined) {
    const meaning = 'level (outputs are scaled values) or change (how far the scaled value moves)'
    throw new UsageError(`--horizons needs --target: ${meaning}; the file does not say which`)
  }
  const [inputs, outputs] = [inputWidth(model.graph), outputWidth(model.graph)]
  const channels = inputs === 1 ? 1 : sensor.length
  if (inputs > 1 && sensor.length !== inputs) {
    throw new UsageError(
      `the network reads ${inputs} channels: name each with --sensor, in order (${sensor.length} given)`,
    )
  }
  const wanted = steps * channels
  if (outputs !== headOf(model.architecture).each * wanted) {
    throw new UsageError(`the network has ${outputs} outputs; ${steps} horizons of ${channels} channels are ${wanted}`)
  }
  return {
    horizons: steps,
    inputClip: inputClip === undefined ? hardlyEver : positive('--input-clip', inputClip, false),
    target,
    ...(inputs > 1 ? { channels: sensor } : {}),
  }
}

function positive(option: string, text: string, isWhole: boolean): number {
  const value = Number(text)
  if (value > 0 && Number.isFinite(value) && (!isWhole || Number.isInteger(value))) return value
  throw new UsageError(`${option} takes a positive ${isWhole ? 'whole ' : ''}number, not "${text}"`)
}
