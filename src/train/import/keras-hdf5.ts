import { Dataset, File, type Group } from 'jsfive'
import { OperatingError } from '../../base/errors.ts'
import type { Tensor } from '../../model/tensor.ts'

/** Bytes of one element of the types in which Keras stores weights. */
const floatBytes: Readonly<Record<string, number>> = { '<f2': 2, '<f4': 4, '<f8': 8, '>f2': 2, '>f4': 4, '>f8': 8 }

/** Deflate packs at most 1,032 bytes into one: a packed array that claims more than this times the file is a lie. */
const packedTimesMax = 1100

/**
 * An HDF5 file, read group by group.
 *
 * Fails when: HDF5 1.10's huge-object and filtered fractal heaps (Keras writes neither).
 * Errors: `OperatingError('model')` for whatever a damaged file makes the reader do; sizes are checked before they are allocated.
 */
export class Hdf5File {
  readonly #root: Group
  readonly #bytes: number

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes.length
    checkWhole(bytes)
    // A copy of its own: what is read from a disk may be a part of a larger, pooled buffer.
    this.#root = guarded('its header', () => new File(new Uint8Array(bytes).buffer, 'model'))
  }

  /** An attribute as text; undefined where there is none. */
  text(path: string, name: string): string | undefined {
    const value = this.#attribute(path, name)
    if (value instanceof Uint8Array) return new TextDecoder().decode(value)
    return typeof value === 'string' ? value : undefined
  }

  /** An attribute that is a list of texts; Keras parts long ones into NAME0, NAME1, … */
  texts(path: string, name: string): string[] {
    const whole = this.#attribute(path, name)
    if (Array.isArray(whole)) return whole.map(String)
    const all: string[] = []
    for (let part = 0; ; part++) {
      const some = this.#attribute(path, `${name}${part}`)
      if (!Array.isArray(some)) return all
      for (const one of some) all.push(String(one))
    }
  }

  /** Names in a group; none where it does not exist. */
  keys(path: string): string[] {
    const group = this.#find(path)
    return group === null || group instanceof Dataset ? [] : guarded(path, () => group.keys)
  }

  /** Whether an array holds floats; an array that is not there counts as one, so that reading it says so. */
  isFloat(path: string): boolean {
    const found = this.#find(path)
    if (!(found instanceof Dataset)) return true
    return guarded(path, () => typeof found.dtype !== 'string' || !/^[<>|][iub]/.test(found.dtype))
  }

  /** An array of floats. Errors: no array, no floats, or larger than the file can hold. */
  tensor(path: string): Tensor {
    const found = this.#find(path)
    if (!(found instanceof Dataset)) throw bad(`it has no array ${path}`)
    return guarded(path, () => {
      const { shape, dtype } = found
      const width = typeof dtype === 'string' ? floatBytes[dtype] : undefined
      if (width === undefined) {
        throw bad(`${path} has the element type ${JSON.stringify(dtype)}: save the model in float32`)
      }
      const count = shape.reduce((product, n) => product * n, 1)
      if (!(count * width <= this.#bytes * packedTimesMax)) throw bad(`${path} claims ${shape} elements`)
      const data = Float32Array.from(found.value)
      if (data.length !== count) throw bad(`${path} has ${data.length} elements, not [${shape}]`)
      return { shape: [...shape], data }
    })
  }

  #attribute(path: string, name: string): unknown {
    const found = this.#find(path)
    if (found === null || found instanceof Dataset) return undefined
    return guarded(`attribute ${name} of ${path}`, () => {
      const { attrs } = found
      return Object.hasOwn(attrs, name) ? attrs[name] : undefined
    })
  }

  /** Step by step, because the reader throws a text for a name that is not there. */
  #find(path: string): Group | Dataset | null {
    let at: Group | Dataset | null = this.#root
    for (const part of path.split('/')) {
      if (part === '') continue
      if (at === null || at instanceof Dataset) return null
      const group: Group = at
      at = guarded(path, () => (group.keys.includes(part) ? group.get(part) : null))
    }
    return at
  }
}

/** Where the superblock of each version keeps the address at which the file ends. Source: HDF5 file format 3.0, II.A. */
const endOfFileAt = [40, 44, 28, 28]

/** A file cut in its tail may still have all that the reader looks for, but not all of its weights. */
function checkWhole(bytes: Uint8Array): void {
  const at = endOfFileAt[bytes[8] ?? 0]
  if (at === undefined || bytes.length < at + 8) return
  const end = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at, true)
  if (end > bytes.length) throw bad(`it is cut: ${bytes.length} of its ${end} bytes are there; copy it again`)
}

function bad(detail: string): OperatingError {
  return new OperatingError('model', `this HDF5 file cannot be read: ${detail}`)
}

/** The reader throws texts and range errors on a damaged file: they become one operating error. */
function guarded<T>(where: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof OperatingError) throw cause
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new OperatingError('model', `this HDF5 file cannot be read: ${where} (${why.slice(0, 200)})`, { cause })
  }
}
