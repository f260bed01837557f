/**
 * Writes ONNX models: the few fields of onnx.proto3 that a graph of float32 tensors needs.
 *
 * Source: https://github.com/onnx/onnx/blob/main/onnx/onnx.proto3 for field numbers.
 */

/** @typedef {{ op: string, inputs: string[], outputs: string[], attributes?: Record<string, number | string | number[]> }} OnnxNode */
/** @typedef {{ name: string, shape: (number | string)[] }} OnnxValue */
/** @typedef {{ name: string, shape: number[], data: Float32Array | BigInt64Array }} OnnxTensor */

const floatType = 1
const int64Type = 7
/** AttributeProto.AttributeType: INT, STRING, INTS. */
const attributeTypes = { int: 2, string: 3, ints: 7 }

/**
 * @param {{ nodes: OnnxNode[], inputs: OnnxValue[], outputs: OnnxValue[], weights: OnnxTensor[] }} graph
 * @returns {Uint8Array}
 */
export function writeOnnx({ nodes, inputs, outputs, weights }) {
  const graph = [
    ...nodes.map((node) => field(1, nodeBytes(node))),
    field(2, Buffer.from('bench')),
    ...weights.map((tensor) => field(5, tensorBytes(tensor))),
    ...inputs.map((value) => field(11, valueBytes(value))),
    ...outputs.map((value) => field(12, valueBytes(value))),
  ]
  const opset = Buffer.concat([field(1, Buffer.alloc(0)), number(2, 17)])
  return Buffer.concat([number(1, 8), field(7, Buffer.concat(graph)), field(8, opset)])
}

/** @param {OnnxNode} node */
function nodeBytes({ op, inputs, outputs, attributes = {} }) {
  return Buffer.concat([
    ...inputs.map((name) => field(1, Buffer.from(name))),
    ...outputs.map((name) => field(2, Buffer.from(name))),
    field(4, Buffer.from(op)),
    ...Object.entries(attributes).map(([name, value]) => field(5, attributeBytes(name, value))),
  ])
}

/**
 * @param {string} name
 * @param {number | string | number[]} value
 */
function attributeBytes(name, value) {
  const head = field(1, Buffer.from(name))
  if (typeof value === 'number') return Buffer.concat([head, number(3, value), number(20, attributeTypes.int)])
  if (typeof value === 'string') {
    return Buffer.concat([head, field(4, Buffer.from(value)), number(20, attributeTypes.string)])
  }
  return Buffer.concat([head, ...value.map((each) => number(8, each)), number(20, attributeTypes.ints)])
}

/** @param {OnnxTensor} tensor */
function tensorBytes({ name, shape, data }) {
  const raw = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const type = data instanceof Float32Array ? floatType : int64Type
  return Buffer.concat([
    ...shape.map((size) => number(1, size)),
    number(2, type),
    field(8, Buffer.from(name)),
    field(9, raw),
  ])
}

/** @param {OnnxValue} value */
function valueBytes({ name, shape }) {
  const sizes = shape.map((size) => field(1, typeof size === 'number' ? number(1, size) : field(2, Buffer.from(size))))
  const tensorType = Buffer.concat([number(1, floatType), field(2, Buffer.concat(sizes))])
  return Buffer.concat([field(1, Buffer.from(name)), field(2, field(1, tensorType))])
}

/**
 * A field with a length.
 * @param {number} id
 * @param {Uint8Array} bytes
 */
function field(id, bytes) {
  return Buffer.concat([varint(id * 8 + 2), varint(bytes.length), bytes])
}

/**
 * A field that is a whole number of 0 or more.
 * @param {number} id
 * @param {number} value
 */
function number(id, value) {
  return Buffer.concat([varint(id * 8), varint(value)])
}

/** @param {number} value */
function varint(value) {
  const bytes = []
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest])
    bytes.push((rest % 128) + 128)
  }
}
