import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire'
import type { Size } from '../import/onnx-wire.ts'

/** An attribute of an operator in one of the forms of onnx.proto3. */
export type OnnxValueOut =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly text: string }
  | { readonly ints: readonly number[] }
  | { readonly floats: readonly number[] }
  | { readonly texts: readonly string[] }

/** One operator that is written. An input that is left out is ''. */
export interface OnnxNodeOut {
  readonly op: string
  readonly name: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes: Readonly<Record<string, OnnxValueOut>>
}

/** A constant: float32, or whole numbers as int64. */
export interface OnnxConstantOut {
  readonly shape: readonly number[]
  readonly data: Float32Array | readonly number[]
}

/** A value that goes into or comes out of the graph, float32. */
export interface OnnxPortOut {
  readonly name: string
  readonly dims: readonly Size[]
}

/** A graph that is written. */
export interface OnnxModelOut {
  readonly opset: number
  readonly name: string
  readonly nodes: readonly OnnxNodeOut[]
  readonly constants: ReadonlyMap<string, OnnxConstantOut>
  readonly input: OnnxPortOut
  readonly output: OnnxPortOut
}

/** Format 8 is what opset 17 came with, 9 what opset 20 came with. */
const irVersions: Readonly<Record<number, number>> = { 17: 8, 20: 9 }

/** Writes an ONNX model as a protocol buffer, by the field numbers of onnx.proto3. */
export function writeOnnx(model: OnnxModelOut): Uint8Array {
  const writer = new Writer()
  writer.int(1, irVersions[model.opset]!)
  writer.text(2, 'residua')
  writer.message(7, (graph) => {
    for (const node of model.nodes) graph.message(1, (part) => writeNode(part, node))
    graph.text(2, model.name)
    for (const [name, constant] of model.constants) graph.message(5, (part) => writeConstant(part, name, constant))
    graph.message(11, (part) => writePort(part, model.input))
    graph.message(12, (part) => writePort(part, model.output))
  })
  writer.message(8, (opset) => {
    opset.text(1, '')
    opset.int(2, model.opset)
  })
  return writer.finish()
}

function writeNode(writer: Writer, { op, name, inputs, outputs, attributes }: OnnxNodeOut): void {
  for (const input of inputs) writer.text(1, input)
  for (const output of outputs) writer.text(2, output)
  writer.text(3, name)
  writer.text(4, op)
  for (const [key, value] of Object.entries(attributes)) {
    writer.message(5, (part) => {
      part.text(1, key)
      writeAttribute(part, value)
    })
  }
}

/** The value in its own field, and in field 20 which form it has. */
function writeAttribute(writer: Writer, value: OnnxValueOut): void {
  if ('float' in value) {
    writer.float(2, value.float)
    writer.int(20, 1)
  } else if ('int' in value) {
    writer.int(3, value.int)
    writer.int(20, 2)
  } else if ('text' in value) {
    writer.text(4, value.text)
    writer.int(20, 3)
  } else if ('floats' in value) {
    for (const one of value.floats) writer.float(7, one)
    writer.int(20, 6)
  } else if ('ints' in value) {
    for (const one of value.ints) writer.int(8, one)
    writer.int(20, 7)
  } else {
    for (const one of value.texts) writer.text(9, one)
    writer.int(20, 8)
  }
}

function writeConstant(writer: Writer, name: string, { shape, data }: OnnxConstantOut): void {
  const isFloat = data instanceof Float32Array
  for (const size of shape) writer.int(1, size)
  writer.int(2, isFloat ? 1 : 7)
  writer.text(8, name)
  const raw = new Uint8Array(data.length * (isFloat ? 4 : 8))
  const view = new DataView(raw.buffer)
  for (const [at, value] of data.entries()) {
    if (isFloat) view.setFloat32(4 * at, value, true)
    else view.setBigInt64(8 * at, BigInt(value), true)
  }
  writer.bytes(9, raw)
}

/** Nested as onnx.proto3 has it: type, tensor type, shape, dimensions. */
function writePort(writer: Writer, { name, dims }: OnnxPortOut): void {
  writer.text(1, name)
  writer.message(2, (type) =>
    type.message(1, (tensor) => {
      tensor.int(1, 1)
      tensor.message(2, (shape) => {
        for (const dim of dims) {
          shape.message(1, (part) => (typeof dim === 'number' ? part.int(1, dim) : part.text(2, dim)))
        }
      })
    }),
  )
}

/** Fields of one message, by number. */
class Writer {
  readonly #out = new BinaryWriter()

  int(field: number, value: number): void {
    this.#out.tag(field, WireType.Varint).int64(value)
  }

  float(field: number, value: number): void {
    this.#out.tag(field, WireType.Bit32).float(value)
  }

  text(field: number, value: string): void {
    this.#out.tag(field, WireType.LengthDelimited).string(value)
  }

  bytes(field: number, value: Uint8Array): void {
    this.#out.tag(field, WireType.LengthDelimited).bytes(value)
  }

  message(field: number, write: (part: Writer) => void): void {
    const part = new Writer()
    write(part)
    this.bytes(field, part.finish())
  }

  finish(): Uint8Array {
    return this.#out.finish()
  }
}
