import { createHash } from 'node:crypto'
import { messageOf, OperatingError } from '../../base/errors.ts'
import {
  type ExactTensor,
  type ExactTensorFile,
  parseExactSafetensors,
  writeSafetensors,
} from '../../model/safetensors.ts'
import type { EpochRecord, FitState } from './fit.ts'

const format = 'residua-fit-2'
const digestBytes = 32
const parts = ['weights', 'best', 'memory'] as const

/**
 * A fit's state as bytes: the SHA-256 of what follows, then a safetensors file of weights, best weights, the learner's memory
 * (float64) and history.
 *
 * `settings` is a text, such as a hash, that is the same for the same model, data and settings, and only then.
 */
export function writeFitState(state: FitState, settings: string): Uint8Array {
  const tensors = new Map<string, ExactTensor>()
  for (const part of parts) {
    for (const [name, data] of state[part]) tensors.set(`${part}.${name}`, { shape: [data.length], data })
  }
  const file = writeSafetensors(tensors, { format, settings, history: JSON.stringify(state.history) })
  return Buffer.concat([digest(file), file])
}

/**
 * What `writeFitState` wrote, bit for bit.
 *
 * Errors: `OperatingError('read')` for bytes that are cut, changed or something else, and for a state of other settings.
 */
export function readFitState(bytes: Uint8Array, settings: string): FitState {
  const { tensors, metadata } = readFile(bytes)
  if (metadata['format'] !== format) throw unreadable('it is no saved training of this version')
  if (metadata['settings'] !== settings) {
    throw new OperatingError(
      'read',
      'the saved training was begun with another model, other data or other settings: ' +
        'repeat what it was begun with, or start anew without resuming',
    )
  }
  const history = readHistory(metadata['history'])
  const part = (name: string): [string, ExactTensor['data']][] =>
    [...tensors]
      .filter(([key]) => key.startsWith(`${name}.`))
      .map(([key, { data }]) => [key.slice(name.length + 1), data])
  return {
    history,
    weights: new Map(part('weights').map(([name, data]) => [name, Float32Array.from(data)])),
    best: new Map(part('best').map(([name, data]) => [name, Float32Array.from(data)])),
    memory: new Map(part('memory').map(([name, data]) => [name, Float64Array.from(data)])),
  }
}

function digest(file: Uint8Array): Buffer {
  return createHash('sha256').update(file).digest()
}

function readFile(bytes: Uint8Array): ExactTensorFile {
  const file = bytes.subarray(digestBytes)
  if (digest(file).compare(bytes.subarray(0, digestBytes)) !== 0)
    throw unreadable('it is cut or changed, or of another version')
  try {
    return parseExactSafetensors(file)
  } catch (cause) {
    throw unreadable(messageOf(cause), cause)
  }
}

/** Numbers in JSON are read back with the bits that they were written with. */
function readHistory(text: string | undefined): EpochRecord[] {
  try {
    const history: unknown = JSON.parse(text ?? '')
    if (Array.isArray(history)) return history as EpochRecord[]
  } catch (cause) {
    throw unreadable('its history is damaged', cause)
  }
  throw unreadable('its history is damaged')
}

function unreadable(detail: string, cause?: unknown): OperatingError {
  const text = `the saved training cannot be read (${detail}): start anew without resuming`
  return new OperatingError('read', text, { cause })
}
