import { OperatingError } from '../base/errors.ts'
import type { Tensor } from './tensor.ts'

/** What a header says of a tensor, where it is not damaged. */
interface Entry {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly data_offsets: readonly [number, number]
}

const bytesOf: Readonly<Record<string, number>> = { F64: 8, F32: 4, F16: 2, BF16: 2, I64: 8, I32: 4 }

/** What a safetensors file holds: named tensors as float32 and its free-form metadata. */
export interface TensorFile {
  readonly tensors: Map<string, Tensor>
  readonly metadata: Readonly<Record<string, string>>
}

/** As `TensorFile`, with the numbers of F64 tensors as they are. */
export interface ExactTensorFile {
  readonly tensors: Map<string, ExactTensor>
  readonly metadata: Readonly<Record<string, string>>
}

/** A tensor whose numbers are float64 where its file has F64, else float32. */
export interface ExactTensor {
  readonly shape: readonly number[]
  readonly data: Float32Array | Float64Array
}

/**
 * Reads a safetensors file; F64, F16 and BF16 become float32, and so do the whole numbers of counters (I64, I32).
 *
 * Errors: `OperatingError('model')` that names what is wrong: header, element type, shape or bounds.
 * Source: the format description of huggingface/safetensors (8-byte length, JSON header, little-endian data).
 */
export function parseSafetensors(bytes: Uint8Array): TensorFile {
  return parse(bytes, (_, count) => new Float32Array(count))
}

/** As `parseSafetensors`, but F64 stays float64. */
export function parseExactSafetensors(bytes: Uint8Array): ExactTensorFile {
  return parse<Float32Array | Float64Array>(bytes, (dtype, count) =>
    dtype === 'F64' ? new Float64Array(count) : new Float32Array(count),
  )
}

type Make<Data> = (dtype: string, count: number) => Data

function parse<Data extends Float32Array | Float64Array>(
  bytes: Uint8Array,
  make: Make<Data>,
): { tensors: Map<string, { shape: readonly number[]; data: Data }>; metadata: Record<string, string> } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const headerBytes = bytes.length < 8 ? Number.NaN : Number(view.getBigUint64(0, true))
  if (!(headerBytes <= bytes.length - 8)) throw bad('it is too short for its header')
  const header = parseHeader(bytes.subarray(8, 8 + headerBytes))
  const tensors = new Map<string, { shape: readonly number[]; data: Data }>()
  let metadata: Record<string, string> = {}
  for (const [name, value] of Object.entries(header)) {
    if (name === '__metadata__') metadata = value as Record<string, string>
    else if (typeof value !== 'object' || value === null) throw bad(`its header says nothing of tensor ${name}`)
    else tensors.set(name, readTensor(name, value as Partial<Entry>, view, 8 + headerBytes, make))
  }
  return { tensors, metadata }
}

function bad(detail: string): OperatingError {
  return new OperatingError('model', `this is no safetensors file that can be read: ${detail}`)
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    if (typeof header === 'object' && header !== null && !Array.isArray(header))
      return header as Record<string, unknown>
  } catch {
    // The error below says the same with the file's own words.
  }
  throw bad('its header is not a JSON object')
}

function readTensor<Data extends Float32Array | Float64Array>(
  name: string,
  { dtype, shape, data_offsets: offsets }: Partial<Entry>,
  view: DataView,
  dataAt: number,
  make: Make<Data>,
): { shape: readonly number[]; data: Data } {
  const width = typeof dtype === 'string' ? bytesOf[dtype] : undefined
  if (dtype === undefined || width === undefined) {
    throw bad(`tensor ${name} has the element type ${JSON.stringify(dtype)}`)
  }
  const [from, to] = isCounts(offsets) ? offsets : [Number.NaN, Number.NaN]
  if (!isCounts(shape)) throw bad(`tensor ${name} has the shape ${JSON.stringify(shape)}`)
  const count = shape.reduce((product, size) => product * size, 1)
  const fits = Number.isSafeInteger(count) && to - from === count * width && dataAt + to <= view.byteLength
  if (!fits) throw bad(`tensor ${name} lies outside the file or its shape does not match its size`)
  const data = make(dtype, count)
  for (let index = 0; index < count; index++) data[index] = readElement(view, dataAt + from + index * width, dtype)
  return { shape, data }
}

function isCounts(json: unknown): json is readonly number[] {
  return Array.isArray(json) && json.every((size) => Number.isSafeInteger(size) && size >= 0)
}

const scratch = new DataView(new ArrayBuffer(4))

function readElement(view: DataView, at: number, dtype: string): number {
  if (dtype === 'F32') return view.getFloat32(at, true)
  if (dtype === 'F64') return view.getFloat64(at, true)
  if (dtype === 'I64') return Number(view.getBigInt64(at, true))
  if (dtype === 'I32') return view.getInt32(at, true)
  const bits = view.getUint16(at, true)
  return dtype === 'F16' ? halfToNumber(bits) : bfloatToNumber(bits)
}

/** The number whose float32 begins with these 16 bits: bfloat16. */
export function bfloatToNumber(bits: number): number {
  scratch.setUint32(0, bits << 16)
  return scratch.getFloat32(0)
}

/** The number of 16 bits in IEEE 754 half precision. */
export function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** Writes tensors as they are, float32 or float64, sorted by name, so that the same weights give the same bytes. */
export function writeSafetensors(
  tensors: ReadonlyMap<string, ExactTensor>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array {
  const names = [...tensors.keys()].sort()
  const header: Record<string, unknown> = { __metadata__: metadata }
  let dataBytes = 0
  for (const name of names) {
    const tensor = tensors.get(name)!
    const end = dataBytes + tensor.data.byteLength
    header[name] = {
      dtype: tensor.data instanceof Float64Array ? 'F64' : 'F32',
      shape: tensor.shape,
      data_offsets: [dataBytes, end],
    }
    dataBytes = end
  }
  const text = new TextEncoder().encode(JSON.stringify(header))
  const headerBytes = Math.ceil(text.length / 8) * 8
  const bytes = new Uint8Array(8 + headerBytes + dataBytes)
  const view = new DataView(bytes.buffer)
  view.setBigUint64(0, BigInt(headerBytes), true)
  bytes.fill(0x20, 8, 8 + headerBytes).set(text, 8)
  let at = 8 + headerBytes
  for (const name of names) {
    const { data } = tensors.get(name)!
    const isDouble = data instanceof Float64Array
    for (const value of data) {
      if (isDouble) view.setFloat64(at, value, true)
      else view.setFloat32(at, value, true)
      at += data.BYTES_PER_ELEMENT
    }
  }
  return bytes
}
