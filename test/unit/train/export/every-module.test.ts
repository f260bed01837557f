import { describe, expect, test } from 'vitest'
import { activationNames } from '../../../../src/model/activation.ts'
import { architectureToJson, parseArchitecture } from '../../../../src/model/architecture.ts'
import { inputWidth } from '../../../../src/model/graph.ts'
import type { Model } from '../../../../src/model/model.ts'
import { moduleTable } from '../../../../src/model/module-table.ts'
import { forward } from '../../../../src/model/recurrent.ts'
import { type ExportFormat, exportFormats, exportModel } from '../../../../src/train/export/export-model.ts'
import { fillWidths } from '../../../../src/train/fill-widths.ts'
import { importOnnx } from '../../../../src/train/import/onnx-import.ts'
import { importSafetensors } from '../../../../src/train/import/safetensors-import.ts'
import { importTfjs } from '../../../../src/train/import/tfjs-import.ts'
import { presets } from '../../../../src/train/presets.ts'
import { largestDifference } from '../../../golden/golden-case.ts'
import { randomModel, streamable } from '../../model/random-model.ts'
import { windowed } from '../../model/windowed-models.ts'

type Module = Readonly<Record<string, unknown>>

const again: Readonly<Record<ExportFormat, (files: ReadonlyMap<string, Uint8Array>) => Model>> = {
  safetensors: (files) => {
    const architecture = JSON.parse(new TextDecoder().decode(files.get('architecture.json')!)) as unknown
    return importSafetensors(files.get('weights.safetensors')!, 'again', parseArchitecture(architecture))
  },
  onnx: (files) => importOnnx(files.get('model.onnx')!, 'again'),
  tfjs: (files) => importTfjs(files.get('model.json')!, 'again', (path) => files.get(path)!),
}

/** Why a format does not take a module: its exporter's words. What is not here must come back with the same forecasts. */
const refusals: Readonly<Record<ExportFormat, RegExp>> = {
  safetensors: /^$/,
  onnx: /a projected LSTM \(proj_size\)|a textbook GRU with gates by|a cell with the activation/,
  tfjs: new RegExp(
    [
      'a GRU of the convention reset_after',
      'a projected LSTM',
      'a textbook GRU with gates by',
      'TF\\.js has no (activation|layer for (it|this attention|a Gaussian head))',
      'the value of a reversed layer alone is read tick by tick',
      'the last tick of both directions is read',
      'it repeats as often as the input has ticks',
    ].join('|'),
  ),
}

const gru = { name: 'gru', type: 'GRU', input_size: 2, hidden_size: 4 }
const lstm = { ...gru, name: 'lstm', type: 'LSTM' }
const rnn = { ...gru, name: 'rnn', type: 'RNN' }
const head = { name: 'fc', type: 'Linear', in_features: 4, out_features: 2 }

/** One network of each type of module, behind a GRU that TF.js has, with options that change what it computes. */
const ofType: Readonly<Record<string, Module>> = {
  ...Object.fromEntries(Object.keys(moduleTable).map((type) => [type, { type }])),
  RNN: { ...rnn, input_size: 4 },
  LSTM: { ...lstm, input_size: 4 },
  GRU: { ...gru, name: 'b', input_size: 4 },
  RNNCell: { ...rnn, type: 'RNNCell', input_size: 4 },
  LSTMCell: { ...lstm, type: 'LSTMCell', input_size: 4 },
  GRUCell: { ...gru, name: 'b', type: 'GRUCell', input_size: 4 },
  Linear: head,
  Activation: { type: 'Activation', function: 'silu' },
  LayerNorm: { name: 'n', type: 'LayerNorm', normalized_shape: 4, bias: false },
  BatchNorm1d: { name: 'n', type: 'BatchNorm1d', num_features: 4, eps: 0.01 },
  AdditiveAttention: { name: 'look', type: 'AdditiveAttention', in_features: 4, attention_size: 3 },
  MultiheadAttention: { name: 'look', type: 'MultiheadAttention', embed_dim: 4, num_heads: 2, dropout: 0.1 },
  Gaussian: { name: 'g', type: 'Gaussian', in_features: 4, out_features: 2, floor: 0.1 },
  Quantile: { name: 'q', type: 'Quantile', in_features: 4, out_features: 2, levels: [0.1, 0.5] },
  ...Object.fromEntries(
    ['Add', 'Multiply', 'Average', 'Maximum', 'Concat'].map((type) => [type, { type, inputs: ['gru', 'end'] }]),
  ),
  Pool: { type: 'Pool', how: 'maximum' },
  Flatten: { type: 'Flatten', ticks: 6 },
}

/** Every option of a recurrent stack that changes what it computes. */
const stacks = [lstm, gru, rnn].flatMap((cell) => [
  ...[{}, { num_layers: 2 }, { bias: false }, { on: 'last' }, { go_backwards: true, on: 'last' }].map((one) => ({
    ...cell,
    ...one,
  })),
  ...[{ bidirectional: true }, { bidirectional: true, on: 'last' }, { bidirectional: true, num_layers: 2 }].map(
    (one) => ({ ...cell, ...one }),
  ),
  ...['sum', 'multiply', 'average'].map((merge) => ({ ...cell, bidirectional: true, merge, on: 'last' })),
  { ...cell, num_layers: 3, residual: true, layer_norm: true, dropout: 0.1, recurrent_dropout: 0.1 },
  { ...cell, go_backwards: true },
  ...['relu', 'softsign', 'hard_sigmoid_keras2', 'gelu'].map((one) => ({ ...cell, cell_activation: one })),
])
const gates = [lstm, gru].flatMap((cell) =>
  ['hard_sigmoid', 'hard_sigmoid_keras2', 'tanh'].map((one) => ({ ...cell, gate_activation: one })),
)
const conventions = ['reset_before', 'textbook'].flatMap((convention) =>
  [{}, { bidirectional: true, on: 'last' }, { gate_activation: 'hard_sigmoid' }].map((one) => ({
    ...gru,
    ...one,
    convention,
  })),
)
const attentions = [
  ...[{}, { causal: true }, { window: 3 }, { bias: false }].map((one) => ({
    ...ofType['MultiheadAttention']!,
    ...one,
  })),
  ...[{}, { query: true }, { window: 3 }, { query: true, window: 2, bias: false }].map((one) => ({
    ...ofType['AdditiveAttention']!,
    ...one,
  })),
  ...[{ scale: 0.3 }, { causal: true }, { window: 2 }].map((one) => ({ type: 'DotAttention', ...one })),
]

const first = { ...gru, convention: 'reset_before' }
const cases: readonly (readonly [string, readonly Module[]])[] = [
  ...Object.entries(ofType).map(([type, module]) => {
    const before = 'inputs' in module ? [{ type: 'Tanh', id: 'end' }] : type === 'Repeat' ? [{ type: 'Last' }] : []
    return [type, [first, ...before, module]] as const
  }),
  ...[...stacks, { ...lstm, proj_size: 2 }, ...gates, ...conventions].map(
    (one) => [JSON.stringify(one), [one]] as const,
  ),
  ...attentions.flatMap((one) => [
    [`after an LSTM ${JSON.stringify(one)}`, [lstm, one, { ...head, on: 'last' }]] as const,
    [`with its residual ${JSON.stringify(one)}`, [lstm, { ...one, residual: true }, { ...head, on: 'last' }]] as const,
  ]),
  ...activationNames.map((one) => [`activation ${one}`, [{ ...head, in_features: 2, activation: one }]] as const),
  ...Object.entries(streamable),
  ...Object.entries(windowed),
  ...Object.entries(presets).map(([name, { plan }]) => {
    const { modules } = plan['model'] as { modules: Module[] }
    return [`preset ${name}`, fillWidths(modules, { inputs: 2, outputs: 3, loss: 'mse' }).modules] as const
  }),
]

const shape = { batch: 3, ticks: 6 }
const outputOf = (model: Model): Float32Array => {
  const size = shape.batch * shape.ticks * inputWidth(model.graph)
  const x = Float32Array.from({ length: size }, (_, at) => Math.fround(((at * 37) % 19) / 10 - 0.9))
  return forward(model, x, shape).output
}

/** The exporter's refusal, or null: an importer's is an error. */
function refusalOf(model: Model, format: ExportFormat): string | null {
  try {
    exportModel(model, format)
    return null
  } catch (error) {
    expect(error).toMatchObject({ code: 'model' })
    return (error as Error).message
  }
}

const taken = new Map<string, number>()

describe.each(exportFormats)('through %s and back', (format) => {
  test.each(cases)('%s: the same forecasts, or refused by its exporter', (_, modules) => {
    const model = randomModel(modules, 3, 0.5)
    const refusal = refusalOf(model, format)
    if (refusal !== null) {
      expect(refusal).toMatch(refusals[format])
      return
    }
    const back = again[format](exportModel(model, format))
    expect(largestDifference(outputOf(back), Float64Array.from(outputOf(model)))).toBeLessThanOrEqual(2e-6)
    if (format === 'safetensors') {
      expect(back.fingerprint).toBe(model.fingerprint)
      expect(architectureToJson(back.architecture)).toEqual(architectureToJson(model.architecture))
    }
    taken.set(format, (taken.get(format) ?? 0) + 1)
  })
})

test('every type of module is among the cases, and each format takes most of them', () => {
  const used = new Set(cases.flatMap(([, modules]) => modules.map(({ type }) => type)))
  expect(Object.keys(moduleTable).filter((type) => !used.has(type))).toEqual([])
  expect(taken.get('safetensors')).toBe(cases.length)
  expect(taken.get('onnx')! / cases.length).toBeGreaterThan(0.85)
  expect(taken.get('tfjs')! / cases.length).toBeGreaterThan(0.4)
})
