import { unzipSync } from 'fflate'
import { OperatingError } from '../../base/errors.ts'
import { type Architecture, architectureToJson } from '../../model/architecture.ts'
import { createModel, type Model } from '../../model/model.ts'
import { bfloatToNumber, halfToNumber } from '../../model/safetensors.ts'
import type { Tensor } from '../../model/tensor.ts'
import { importCard } from './import-card.ts'
import { readTorchPickle, TorchView, torchAdvice } from './torch-pickle.ts'

/** A state dict: which entry of the file it was ('' for the whole file), and its tensors as float32. */
export interface TorchState {
  readonly entry: string
  readonly tensors: Map<string, Tensor>
}

/**
 * A model of PyTorch's weights (`.pt`, `.pth`) and its architecture in PyTorch's words.
 *
 * Errors: as `readTorchState`, and those of `createModel` for weights that do not belong to the architecture.
 */
export function importTorch(bytes: Uint8Array, name: string, architecture: Architecture): Model {
  const { entry, tensors } = readTorchState(bytes)
  const { modules } = architectureToJson(architecture)
  const settings = { state_dict: entry === '' ? 'the whole file' : `the entry "${entry}"` }
  return createModel(name, architecture, tensors, { card: importCard('PyTorch (.pt)', { modules }, settings) })
}

/**
 * Reads the state dict of a PyTorch file without running anything in it.
 *
 * Works when: `torch.save` of PyTorch 1.6 or newer wrote a state dict, or a dictionary in which exactly one entry is
 * one (`state_dict`, `model_state_dict`, …). Storages: float32, float64, float16, bfloat16, and int64 and int32 for
 * counters; views by offset and strides, of storages that several tensors share too.
 * Errors: `OperatingError('model')` for the older format, TorchScript, whole pickled modules, several state dicts, or a
 * damaged file; each says what to do.
 */
export function readTorchState(bytes: Uint8Array): TorchState {
  const parts = openArchive(bytes)
  const { entry, views } = stateDictIn(readTorchPickle(parts.pickle))
  const read = new Map([...views].map(([name, view]) => [name, readView(name, view, parts.storages)]))
  return { entry, tensors: read }
}

interface TorchArchive {
  readonly pickle: Uint8Array
  readonly storages: ReadonlyMap<string, Uint8Array>
}

function fail(detail: string, cause?: unknown): never {
  throw new OperatingError('model', detail, { cause })
}

function openArchive(bytes: Uint8Array): TorchArchive {
  if (bytes[0] !== 0x50 || bytes[1] !== 0x4b) {
    const isPickle = bytes[0] === 0x80
    const what = isPickle ? 'this is the format of PyTorch before 1.6' : 'this is no file of torch.save'
    return fail(`${what}: ${torchAdvice}`)
  }
  const parts = unzip(bytes)
  const names = Object.keys(parts)
  const pickleName = names.find((name) => /^[^/]+\/data\.pkl$/.test(name))
  if (pickleName === undefined)
    return fail(`the archive has no data.pkl, so torch.save did not write it: ${torchAdvice}`)
  const root = pickleName.slice(0, -'data.pkl'.length)
  const order = parts[`${root}byteorder`]
  if (order !== undefined && new TextDecoder().decode(order).trim() !== 'little') {
    return fail(`its numbers are in big-endian order: ${torchAdvice}, on a little-endian machine`)
  }
  const data = `${root}data/`
  const storages = names.filter((name) => name.startsWith(data))
  return {
    pickle: parts[pickleName]!,
    storages: new Map(storages.map((name) => [name.slice(data.length), parts[name]!])),
  }
}

/** PyTorch stores its parts unpacked, so no part can be larger than the file. */
function unzip(bytes: Uint8Array): Record<string, Uint8Array> {
  try {
    return unzipSync(bytes, {
      filter({ name, compression, originalSize }) {
        if (/^[^/]+\/(code\/|constants\.pkl$)/.test(name)) {
          return fail(
            `this is TorchScript, a program with its weights, and code in a file is never run: ${torchAdvice}`,
          )
        }
        if (compression === 0 && originalSize <= bytes.length) return true
        return fail(`its part ${name} is packed, which torch.save never does: ${torchAdvice}`)
      },
    })
  } catch (cause) {
    if (cause instanceof OperatingError) throw cause
    return fail('the PyTorch archive is damaged or cut off: copy or save it again', cause)
  }
}

function stateDictIn(root: unknown): { entry: string; views: Map<string, TorchView> } {
  const whole = viewsOf(root)
  if (whole !== null) return { entry: '', views: whole }
  if (!(root instanceof Map)) return fail(`the file holds no dictionary of tensors: ${torchAdvice}`)
  const found = [...root].flatMap(([entry, value]) => {
    const views = viewsOf(value)
    return views === null ? [] : [{ entry: String(entry), views }]
  })
  const keys = [...root.keys()].map(String).join(', ')
  if (found.length === 1) return found[0]!
  if (found.length === 0) return fail(`no entry of the file is a state dict; it has ${keys || 'none'}: ${torchAdvice}`)
  const several = found.map(({ entry }) => entry).join(', ')
  return fail(`${several} are each a state dict, and which is meant is not said: save one of them alone`)
}

/** A dictionary in which every value is a tensor by a name; null for anything else. */
function viewsOf(value: unknown): Map<string, TorchView> | null {
  if (!(value instanceof Map) || value.size === 0) return null
  const views = new Map<string, TorchView>()
  for (const [name, one] of value) {
    if (typeof name !== 'string' || !(one instanceof TorchView)) return null
    views.set(name, one)
  }
  return views
}

type Read = (view: DataView, at: number) => number

/** Bytes of an element and how it is read, by the class of its storage. */
const elements: Readonly<Record<string, readonly [number, Read]>> = {
  FloatStorage: [4, (view, at) => view.getFloat32(at, true)],
  DoubleStorage: [8, (view, at) => view.getFloat64(at, true)],
  HalfStorage: [2, (view, at) => halfToNumber(view.getUint16(at, true))],
  BFloat16Storage: [2, (view, at) => bfloatToNumber(view.getUint16(at, true))],
  LongStorage: [8, (view, at) => Number(view.getBigInt64(at, true))],
  IntStorage: [4, (view, at) => view.getInt32(at, true)],
}

function readView(name: string, tensor: TorchView, storages: ReadonlyMap<string, Uint8Array>): Tensor {
  const { storage, offset, shape, strides } = tensor
  const element = Object.hasOwn(elements, storage.type) ? elements[storage.type] : undefined
  if (element === undefined) {
    const built = Object.keys(elements).join(', ')
    return fail(`tensor ${name} is a torch.${storage.type}; built are ${built}: save the model in float32`)
  }
  const [width, read] = element
  const bytes = storages.get(storage.key)
  const count = shape.reduce((product, size) => product * size, 1)
  const last = shape.reduce((at, size, axis) => at + (size - 1) * strides[axis]!, offset)
  const fits = bytes !== undefined && storage.count * width === bytes.length
  // A stride of 0 makes many elements of one: more than a hundred times the file's own are no weights.
  const isSane = count === 0 || (last < storage.count && count <= storage.count * 100)
  if (!fits || !isSane) return fail(`tensor ${name} lies outside of its storage: the file is damaged or cut off`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const data = new Float32Array(count)
  const index = shape.map(() => 0)
  for (let at = 0, from = offset; at < count; at++) {
    data[at] = read(view, from * width)
    from += nextPlace(index, shape, strides)
  }
  return { shape, data }
}

/** Counts `index` on by one in row-major order; gives how far the place in the storage moves. */
function nextPlace(index: number[], shape: readonly number[], strides: readonly number[]): number {
  let moved = 0
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis]! += 1
    moved += strides[axis]!
    if (index[axis]! < shape[axis]!) return moved
    moved -= shape[axis]! * strides[axis]!
    index[axis] = 0
  }
  return moved
}
