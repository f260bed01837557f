import { describe, expect, test } from 'vitest'
import { inputWidth } from '../../../../src/model/graph.ts'
import { forward } from '../../../../src/model/recurrent.ts'
import { OnnxGraph } from '../../../../src/train/export/onnx-graph.ts'
import { writeOnnx } from '../../../../src/train/export/onnx-writer.ts'
import { importOnnx } from '../../../../src/train/import/onnx-import.ts'

/** A graph on `input` (batch, 4, 2) whose last value `draw` names. */
function fileOf(draw: (out: OnnxGraph) => string): Uint8Array {
  const out = new OnnxGraph()
  const last = draw(out)
  out.nodes.push({ op: 'Identity', name: 'output', inputs: [last], outputs: ['output'], attributes: {} })
  return writeOnnx({
    opset: 17,
    name: 'drawn',
    nodes: out.nodes,
    constants: out.constants,
    input: { name: 'input', dims: ['batch', 4, 2] },
    output: { name: 'output', dims: ['batch', 4, 2] },
  })
}

function ramp(...shape: number[]): { shape: number[]; data: Float32Array } {
  const size = shape.reduce((product, n) => product * n, 1)
  return { shape, data: Float32Array.from({ length: size }, (_, at) => ((at * 7) % 11) / 10 - 0.5) }
}

const turned = (out: OnnxGraph, x: string): string => out.add('Transpose', 't', [x], { perm: { ints: [0, 2, 1] } })
const product = (out: OnnxGraph, x: string): string => out.add('MatMul', 'm', [x, out.floats('w', ramp(2, 2))])

/** softmax(x·xᵀ) of a value, and then what is looked at. */
function look(out: OnnxGraph, asked: string, keys: string, values: string): string {
  const scores = out.add('MatMul', 'scores', [asked, turned(out, keys)])
  const shares = out.add('Softmax', 'shares', [scores], { axis: { int: -1 } })
  return out.add('MatMul', 'look', [shares, values])
}

/** x · (erf(x · factor) + 1) · ½ */
function gelu(out: OnnxGraph, factor: number): string {
  const erf = out.add('Erf', 'erf', [out.add('Mul', 'mul', ['input', out.scalar('by', factor)])])
  const sum = out.add('Add', 'sum', [erf, out.scalar('one', 1)])
  return out.add('Mul', 'gelu', [out.add('Mul', 'half', ['input', sum]), out.scalar('half', 0.5)])
}

/** An LSTM of two units whose first states are zeros of `units` units. */
function lstm(out: OnnxGraph, units: number): string {
  const x = out.add('Transpose', 'first', ['input'], { perm: { ints: [1, 0, 2] } })
  const zeros = out.floats('zeros', { shape: [1, 1, units], data: new Float32Array(units) })
  const [w, r, b] = [ramp(1, 8, 2), ramp(1, 8, 2), ramp(1, 16)].map((one) => out.floats('w', one))
  const y = out.add('LSTM', 'lstm', [x, w!, r!, b!, '', zeros, zeros], { hidden_size: { int: 2 } })
  return out.add('Squeeze', 'every', [y, out.integers('axes', [1])])
}

describe('an ONNX graph of parts is read as the module that they make', () => {
  test('an attention of a value at itself, of another program', () => {
    const { architecture, graph } = importOnnx(
      fileOf((out) => look(out, 'input', 'input', 'input')),
      'drawn',
    )
    expect(architecture.modules.map(({ type }) => type)).toEqual(['Identity', 'DotAttention'])
    expect(inputWidth(graph)).toBe(2)
  })

  test('GELU by erf', () => {
    const model = importOnnx(
      fileOf((out) => gelu(out, Math.SQRT1_2)),
      'drawn',
    )
    expect(model.architecture.modules.map(({ type }) => type)).toEqual(['Identity', 'Activation'])
    const x = Float32Array.of(-1, 0, 1, 2)
    const { output } = forward(model, x, { batch: 1, ticks: 2 })
    for (const [at, want] of [-0.158655, 0, 0.841345, 1.9545].entries()) expect(output[at]).toBeCloseTo(want, 5)
  })
})

describe('what a graph does otherwise is refused by its operator, with what to do', () => {
  test.each([
    [
      'an attention at another value',
      (out: OnnxGraph) => look(out, 'input', product(out, 'input'), 'input'),
      /MatMul look\/MatMul: its query, key and value are no products of one value.*\.safetensors/,
    ],
    [
      'scores that are read themselves',
      (out: OnnxGraph) => out.add('Relu', 'r', [out.add('MatMul', 's', ['input', turned(out, 'input')])]),
      /Relu r\/Relu: it works on the scores of an attention/,
    ],
    [
      'erf of another multiple',
      (out: OnnxGraph) => gelu(out, 0.5),
      /Erf erf\/Erf: erf of other than x \/ √2.*newer opset/,
    ],
    [
      'an LSTM whose projection was lost',
      (out: OnnxGraph) => lstm(out, 5),
      /LSTM lstm\/LSTM: its initial state has 5 units, the operator 2; .*proj_size.*\.safetensors/,
    ],
    [
      'bounds of no function',
      (out: OnnxGraph) => out.add('Clip', 'c', ['input', out.scalar('l', 0), out.scalar('h', 6)]),
      /Clip c\/Clip: bounds of 0 and 6; built are −1 and 1/,
    ],
    [
      'an operator that is not built',
      (out: OnnxGraph) => out.add('Celu', 'c', ['input']),
      /Celu c\/Celu: the operator Celu is not built; built are RNN, GRU/,
    ],
  ] as const)('%s', (_, draw, words) => {
    expect(() => importOnnx(fileOf(draw), 'drawn')).toThrow(words)
  })

  test("states of the LSTM's own size are read", () => {
    const { architecture } = importOnnx(
      fileOf((out) => lstm(out, 2)),
      'drawn',
    )
    expect(architecture.modules.map(({ type }) => type)).toEqual(['LSTM'])
  })
})
