import { describe, expect, test } from 'vitest'
import { createPrng } from '../../../../src/base/prng.ts'
import { parseArchitecture } from '../../../../src/model/architecture.ts'
import { lower } from '../../../../src/model/lower.ts'
import { createModel, type Model } from '../../../../src/model/model.ts'
import { forward } from '../../../../src/model/recurrent.ts'
import { tensorShapes } from '../../../../src/model/tensor-shapes.ts'
import { exportModel } from '../../../../src/train/export/export-model.ts'
import { importOnnx } from '../../../../src/train/import/onnx-import.ts'
import { importTfjs } from '../../../../src/train/import/tfjs-import.ts'
import { largestDifference } from '../../../golden/golden-case.ts'

/** A model of modules with weights drawn between ±0.5. */
function modelOf(...modules: Record<string, unknown>[]): Model {
  const architecture = parseArchitecture({ modules })
  const random = createPrng(7)
  const tensors = [...tensorShapes(lower(architecture))].map(([name, shape]) => {
    const count = shape.reduce((product, size) => product * size, 1)
    return [name, { shape, data: Float32Array.from({ length: count }, () => random.uniform() - 0.5) }] as const
  })
  return createModel('drawn', architecture, new Map(tensors))
}

const shape = { batch: 3, ticks: 6 }
const x = Float32Array.from({ length: 3 * 6 * 2 }, (_, at) => Math.fround(((at * 37) % 19) / 10 - 0.9))
const outputOf = (model: Model): Float32Array => forward(model, x, shape).output

function throughOnnx(model: Model): Model {
  return importOnnx(exportModel(model, 'onnx').get('model.onnx')!, 'again')
}

function throughTfjs(model: Model): Model {
  const files = exportModel(model, 'tfjs')
  return importTfjs(files.get('model.json')!, 'again', (path) => files.get(path)!)
}

const gru = { name: 'gru', type: 'GRU', input_size: 2, hidden_size: 4, convention: 'reset_before' }
const head = { name: 'fc', type: 'Linear', in_features: 4, out_features: 2, on: 'last' }

describe('what golden files have no case of, through ONNX and TF.js within 1e-6', () => {
  test.each([
    ['the textbook GRU, whose z is the other way round', [{ ...gru, convention: 'textbook' }, head]],
    ['a stack of GRUs of reset_before', [{ ...gru, num_layers: 3 }, head]],
    ['Keras 2 gates', [{ ...gru, gate_activation: 'hard_sigmoid_keras2' }, head]],
    ['two directions, each where it ends', [{ ...gru, bidirectional: true, on: 'last' }]],
    ['a backward layer alone, where it ends', [{ ...gru, go_backwards: true, on: 'last' }]],
    [
      'a residual layer with a norm',
      [
        gru,
        { ...head, out_features: 4, on: 'every', residual: true },
        { name: 'n', type: 'LayerNorm', normalized_shape: 4 },
      ],
    ],
    ['the mean over time', [gru, { type: 'Pool', how: 'mean' }, { ...head, on: 'every' }]],
    ['all ticks side by side', [gru, { type: 'Flatten', ticks: 6 }, { ...head, in_features: 24, on: 'every' }]],
    [
      'two branches',
      [
        gru,
        { ...head, name: 'a', on: 'every' },
        { ...head, name: 'b', input: 'gru', on: 'every' },
        { type: 'Multiply', inputs: ['a', 'b'] },
        { type: 'SiLU' },
      ],
    ],
    ['dropout, which only training does', [{ ...gru, num_layers: 2, dropout: 0.5 }, { type: 'Dropout', p: 0.5 }, head]],
  ])('%s', (_, modules) => {
    const model = modelOf(...modules)
    for (const again of [throughOnnx(model), throughTfjs(model)]) {
      expect(largestDifference(outputOf(again), Float64Array.from(outputOf(model)))).toBeLessThanOrEqual(1e-6)
    }
  })
})

describe('what a format cannot express is refused by module and reason', () => {
  const lstm = { name: 'lstm', type: 'LSTM', input_size: 2, hidden_size: 4 }

  test.each([
    ['onnx', [{ ...lstm, proj_size: 2 }], /lstm \(LSTM\): a projected LSTM .*safetensors/],
    ['onnx', [{ ...lstm, cell_activation: 'gelu' }], /lstm \(LSTM\): a cell with the activation gelu; ONNX' operators/],
    ['tfjs', [{ ...gru, convention: 'reset_after' }], /gru \(GRU\): a GRU of the convention reset_after .*train with/],
    ['tfjs', [lstm, { type: 'DotAttention' }], /DotAttention#2: TF\.js has no layer for this attention/],
    ['tfjs', [lstm, { name: 'g', type: 'Gaussian', in_features: 4, out_features: 1 }], /g \(Gaussian\): TF\.js has no/],
    ['tfjs', [lstm, { type: 'Hardtanh' }], /Hardtanh#2: TF\.js has no activation hard_tanh/],
    ['tfjs', [{ ...lstm, bidirectional: true }, { type: 'Last' }], /backward one has just begun; give the module on/],
    ['tfjs', [{ ...lstm, go_backwards: true }], /a reversed layer alone is read tick by tick/],
    ['tfjs', [{ ...head, in_features: 2 }], /the last tick of the input is read/],
  ] as const)('%s %j', (format, modules, words) => {
    expect(() => exportModel(modelOf(...modules), format)).toThrow(words)
  })
})
