import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'
import { OperatingError } from '../../base/errors.ts'

/** A dimension: a number, or the name of one that is open until the model runs. */
export type Size = number | string

/** A constant array; whole numbers and truth values are numbers too. */
export interface OnnxTensor {
  readonly dims: readonly number[]
  readonly isFloat: boolean
  readonly data: Float32Array | readonly number[]
}

/** An attribute of a node, in whichever of these forms it came. */
export interface OnnxAttribute {
  readonly number?: number
  readonly text?: string
  readonly tensor?: OnnxTensor
  readonly numbers?: readonly number[]
  readonly texts?: readonly string[]
}

/** One operator of the graph. An input that is left out is ''. */
export interface OnnxNode {
  readonly op: string
  readonly domain: string
  readonly name: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: ReadonlyMap<string, OnnxAttribute>
}

/** A model file as it stands. */
export interface OnnxFile {
  readonly producer: string
  readonly opset: number
  readonly nodes: readonly OnnxNode[]
  readonly constants: ReadonlyMap<string, OnnxTensor>
  readonly inputs: readonly { readonly name: string; readonly dims: readonly Size[] }[]
  readonly outputs: readonly string[]
}

/**
 * Reads the protocol buffer of an ONNX model, by the numbers of onnx.proto3; what is not needed is skipped.
 *
 * Errors: `OperatingError('model')` for a file that is cut off, no ONNX model, or keeps its weights in a second file.
 */
export function readOnnx(bytes: Uint8Array): OnnxFile {
  try {
    const model = new Message(bytes)
    const graph = model.messages(7)[0]
    if (graph === undefined) throw bad('it has no graph')
    const opset = model.messages(8).find((one) => ['', 'ai.onnx'].includes(one.text(1)))
    return {
      producer: `${model.text(2)} ${model.text(3)}`.trim(),
      opset: opset?.int(2) ?? 0,
      nodes: graph.messages(1).map(readNode),
      constants: new Map(graph.messages(5).map((tensor) => [tensor.text(8), readTensor(tensor)])),
      inputs: graph.messages(11).map((input) => ({ name: input.text(1), dims: readDims(input) })),
      outputs: graph.messages(12).map((output) => output.text(1)),
    }
  } catch (cause) {
    if (cause instanceof OperatingError) throw cause
    throw bad(`it is damaged or cut off (${cause instanceof Error ? cause.message : String(cause)})`, cause)
  }
}

function bad(detail: string, cause?: unknown): OperatingError {
  return new OperatingError('model', `this is no ONNX model that can be read: ${detail}`, { cause })
}

function readNode(node: Message): OnnxNode {
  return {
    op: node.text(4),
    domain: node.text(7),
    name: node.text(3),
    inputs: node.texts(1),
    outputs: node.texts(2),
    attributes: new Map(node.messages(5).map((attribute) => [attribute.text(1), readAttribute(attribute)])),
  }
}

/** The kinds of AttributeProto.type. Graphs are not read: control flow is refused by its operator. */
function readAttribute(attribute: Message): OnnxAttribute {
  switch (attribute.int(20)) {
    case 1:
      return { number: attribute.float(2) }
    case 2:
      return { number: attribute.int(3) }
    case 3:
      return { text: attribute.text(4) }
    case 4:
      return { tensor: readTensor(attribute.messages(5)[0] ?? new Message(new Uint8Array())) }
    case 6:
      return { numbers: attribute.floats(7) }
    case 7:
      return { numbers: attribute.ints(8) }
    case 8:
      return { texts: attribute.texts(9) }
    default:
      return {}
  }
}

/** Bytes of one element of the types in raw form: FLOAT, INT32, INT64, BOOL, FLOAT16, DOUBLE, BFLOAT16. */
const elementBytes: Readonly<Record<number, number>> = { 1: 4, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 16: 2 }

function readTensor(tensor: Message): OnnxTensor {
  const dims = tensor.ints(1)
  const type = tensor.int(2)
  const name = tensor.text(8)
  const width = elementBytes[type]
  if (width === undefined) throw bad(`tensor ${name} has the element type ${type}: export the model in float32`)
  if (width === 2) throw bad(`tensor ${name} is in half precision: export the model in float32`)
  if (tensor.int(14) === 1) throw bad(`tensor ${name} lies in a second file: save with external_data=False`)
  const isFloat = type === 1 || type === 11
  const count = dims.reduce((product, n) => product * n, 1)
  const raw = tensor.bytes(9)
  const data = raw.length > 0 ? rawNumbers(raw, type, width) : listedNumbers(tensor, type)
  if (data.length !== count) throw bad(`tensor ${name} is [${dims}], but has ${data.length} elements`)
  return { dims, isFloat, data: isFloat ? Float32Array.from(data) : data }
}

function listedNumbers(tensor: Message, type: number): number[] {
  if (type === 1) return tensor.floats(4)
  if (type === 11) return tensor.doubles(10)
  return type === 7 ? tensor.ints(7) : tensor.ints(5)
}

function rawNumbers(raw: Uint8Array, type: number, width: number): number[] {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength)
  const read = (at: number): number => {
    if (type === 1) return view.getFloat32(at, true)
    if (type === 11) return view.getFloat64(at, true)
    if (type === 7) return Number(view.getBigInt64(at, true))
    return type === 6 ? view.getInt32(at, true) : view.getUint8(at)
  }
  return Array.from({ length: Math.floor(raw.length / width) }, (_, index) => read(index * width))
}

function readDims(input: Message): Size[] {
  const shape = input.messages(2)[0]?.messages(1)[0]?.messages(2)[0]
  const dims = shape?.messages(1) ?? []
  return dims.map((dim, at) => (dim.has(1) ? dim.int(1) : dim.text(2) || `${input.text(1)}#${at}`))
}

type Field = number | Uint8Array

/** One message of a protocol buffer: its fields by number, each as often as it came. */
class Message {
  readonly #fields = new Map<number, Field[]>()

  constructor(bytes: Uint8Array) {
    const reader = new BinaryReader(bytes)
    while (reader.pos < reader.len) {
      const [number, wire] = reader.tag()
      const field = readField(reader, number, wire)
      const list = this.#fields.get(number)
      if (list === undefined) this.#fields.set(number, [field])
      else list.push(field)
    }
    if (reader.pos > reader.len) throw new RangeError('a field goes beyond the end')
  }

  has(number: number): boolean {
    return this.#fields.has(number)
  }

  bytes(number: number): Uint8Array {
    const field = this.#last(number)
    return field instanceof Uint8Array ? field : new Uint8Array()
  }

  text(number: number): string {
    return new TextDecoder().decode(this.bytes(number))
  }

  texts(number: number): string[] {
    return this.#parts(number).map((part) => new TextDecoder().decode(part))
  }

  messages(number: number): Message[] {
    return this.#parts(number).map((part) => new Message(part))
  }

  int(number: number): number {
    const field = this.#last(number)
    return typeof field === 'number' ? field : 0
  }

  /** A float32: `readField` keeps its four bytes. */
  float(number: number): number {
    return this.floats(number)[0] ?? 0
  }

  /** Whole numbers, packed or not. */
  ints(number: number): number[] {
    return (this.#fields.get(number) ?? []).flatMap((field) => {
      if (typeof field === 'number') return [field]
      const reader = new BinaryReader(field)
      const list: number[] = []
      while (reader.pos < reader.len) list.push(Number(reader.int64()))
      return list
    })
  }

  floats(number: number): number[] {
    return this.#fixed(number, 4, (view, at) => view.getFloat32(at, true))
  }

  doubles(number: number): number[] {
    return this.#fixed(number, 8, (view, at) => view.getFloat64(at, true))
  }

  #fixed(number: number, width: number, read: (view: DataView, at: number) => number): number[] {
    return this.#parts(number).flatMap((part) => {
      const view = new DataView(part.buffer, part.byteOffset, part.byteLength)
      return Array.from({ length: Math.floor(part.length / width) }, (_, index) => read(view, index * width))
    })
  }

  #parts(number: number): Uint8Array[] {
    return (this.#fields.get(number) ?? []).filter((field) => field instanceof Uint8Array)
  }

  #last(number: number): Field | undefined {
    return this.#fields.get(number)?.at(-1)
  }
}

function readField(reader: BinaryReader, number: number, wire: WireType): Field {
  if (wire === WireType.Varint) return Number(reader.int64())
  if (wire === WireType.LengthDelimited) return reader.bytes()
  return reader.skip(wire, number)
}
