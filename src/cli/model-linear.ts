import { OperatingError } from '../base/errors.ts'
import type { LinearPart } from '../model/linear.ts'
import type { Calibration } from '../model/model.ts'

type Json = Record<string, unknown>

/** A linear part as JSON: float32 numbers are written exactly. */
export function linearToJson({ weights, scale, gates, ...shape }: LinearPart): Json {
  return { ...shape, scale: [...scale], gates: [...gates], weights: [...weights] }
}

/** Reads the `linear` of a model.json. Errors: `OperatingError('model')` naming the file and the key. */
export function parseLinear(path: string, json: unknown): LinearPart | null {
  if (json === undefined || json === null) return null
  const { lags, context, ...lists } = json as Json
  for (const [key, value] of Object.entries({ lags, context })) {
    if (!Number.isInteger(value) || (value as number) < (key === 'lags' ? 1 : 0)) {
      throw new OperatingError('model', `${path}: linear.${key} is ${JSON.stringify(value)}, it must be a whole number`)
    }
  }
  const numbers = (key: string): number[] => {
    const value = lists[key]
    if (Array.isArray(value) && value.every((one) => typeof one === 'number' && Number.isFinite(one))) return value
    throw new OperatingError('model', `${path}: linear.${key} must be a list of finite numbers`)
  }
  const contextLags = numbers('contextLags')
  if (!contextLags.every((lag) => Number.isInteger(lag) && lag > 0)) {
    throw new OperatingError('model', `${path}: linear.contextLags must be whole numbers above 0`)
  }
  return {
    lags: lags as number,
    context: context as number,
    contextLags,
    averages: numbers('averages'),
    weights: Float32Array.from(numbers('weights')),
    scale: Float32Array.from(numbers('scale')),
    gates: Float32Array.from(numbers('gates')),
  }
}

/** Reads the `calibrations` of a model.json, by sensor. Errors: `OperatingError('model')` naming the file and the sensor. */
export function parseCalibrations(path: string, json: unknown): ReadonlyMap<string, Calibration> {
  if (json === undefined || json === null) return new Map()
  const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value)
  const isPart = (value: unknown): boolean => isNumber(value) || (Array.isArray(value) && value.every(isNumber))
  const read = Object.entries(json as Json).map(([sensor, parts]): [string, Calibration] => {
    if (typeof parts === 'object' && parts !== null && Object.values(parts).every(isPart))
      return [sensor, parts as Calibration]
    throw new OperatingError('model', `${path}: calibrations of "${sensor}" must be numbers by name`)
  })
  return new Map(read)
}
