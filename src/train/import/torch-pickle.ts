import { Parser } from 'pickleparser'
import { OperatingError } from '../../base/errors.ts'

/** Numbers in the file that several tensors may share: their type, the name of their part, how many there are. */
export class TorchStorage {
  readonly type: string
  readonly key: string
  readonly count: number

  constructor(type: string, key: string, count: number) {
    this.type = type
    this.key = key
    this.count = count
  }
}

/** A tensor as the pickle describes it: a view of a storage. Units of offset and strides: elements. */
export class TorchView {
  readonly storage: TorchStorage
  readonly offset: number
  readonly shape: readonly number[]
  readonly strides: readonly number[]

  constructor(storage: TorchStorage, offset: number, shape: readonly number[], strides: readonly number[]) {
    this.storage = storage
    this.offset = offset
    this.shape = shape
    this.strides = strides
  }
}

/** Python's dictionary that keeps its order; attributes that were set on it, such as `_metadata`, are dropped. */
class OrderedDictionary extends Map<unknown, unknown> {
  __setstate__(): void {
    // What hangs on the dictionary is PyTorch's bookkeeping; the entries are all that is read.
  }
}

/** The class of a storage: a name that is kept, never anything that could be called. */
class StorageClass {
  readonly name: string

  constructor(name: string) {
    this.name = name
  }
}

/** What to do about a file that is refused; ends every refusal. */
export const torchAdvice =
  'save the weights alone with torch.save(model.state_dict(), …) of a current PyTorch, or as .safetensors'

/**
 * Reads the pickle inside a PyTorch file: plain containers, numbers, texts and tensors. Code is never run.
 *
 * A pickle may name any function of Python and ask for it to be called. Here a name is looked up in a list of three
 * (`OrderedDict`, `_rebuild_tensor_v2`, the storage classes); every other name ends the reading.
 * Errors: `OperatingError('model')` naming the global that is not allowed; also for a damaged pickle.
 */
export function readTorchPickle(bytes: Uint8Array): unknown {
  const refused = { resolve: (): never => fail('it uses an extension code of pickle') }
  try {
    return new Parser({
      nameResolver: { resolve: resolveName },
      persistentResolver: { resolve: (pid: unknown) => storageOf(pid) },
      extensionResolver: refused,
      unpicklingTypeOfDictionary: 'Map',
      unpicklingTypeOfSet: 'Set',
    }).parse(bytes)
  } catch (cause) {
    if (cause instanceof OperatingError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new OperatingError('model', `its pickle is damaged or cut off (${why.slice(0, 200)}): ${torchAdvice}`, {
      cause,
    })
  }
}

function fail(detail: string): never {
  throw new OperatingError('model', `${detail}: ${torchAdvice}`)
}

type Named = (...given: unknown[]) => unknown

function resolveName(module: string, name: string): Named {
  if (module === 'collections' && name === 'OrderedDict') return (...given) => orderedDictionary(given)
  if (module === 'torch._utils' && name === '_rebuild_tensor_v2') return (...given) => rebuildTensor(given)
  // The parser's type asks for a function; a storage class is only handed to the persistent id, and calling it throws.
  if (module === 'torch' && /^\w+Storage$/.test(name)) return new StorageClass(name) as unknown as Named
  return fail(
    `it names ${module}.${name}, which is not among what weights need; code in a file is never run`.slice(0, 300),
  )
}

function orderedDictionary(given: readonly unknown[]): OrderedDictionary {
  if (given.length > 0) fail('it makes an OrderedDict out of something else')
  return new OrderedDictionary()
}

/** `('storage', class, key, device, count)`: PyTorch's persistent id. The device is where it lay, not where it goes. */
function storageOf(pid: unknown): TorchStorage {
  const [kind, type, key, , count] = Array.isArray(pid) ? (pid as unknown[]) : []
  const isStorage = kind === 'storage' && type instanceof StorageClass && typeof key === 'string' && isCount(count)
  if (!isStorage) return fail('it refers to something outside of the file that is no storage')
  return new TorchStorage(type.name, key, count)
}

function rebuildTensor(given: readonly unknown[]): TorchView {
  const [storage, offset, shape, strides] = given
  const isView = storage instanceof TorchStorage && isCount(offset) && areCounts(shape) && areCounts(strides)
  if (!isView || shape.length !== strides.length) return fail('a tensor in it is not described as PyTorch does')
  return new TorchView(storage, offset, shape, strides)
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function areCounts(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every(isCount)
}
