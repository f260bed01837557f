import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadModel } from '../../../../src/index.ts'
import { architectureToJson } from '../../../../src/model/architecture.ts'
import type { Model } from '../../../../src/model/model.ts'
import type { Tensor } from '../../../../src/model/tensor.ts'
import { translateKeras } from '../../../../src/train/import/keras-import.ts'

type Json = Readonly<Record<string, unknown>>

function zeros(...shape: number[]): Tensor {
  return { shape, data: new Float32Array(shape.reduce((product, n) => product * n, 1)) }
}

/** Weights of the layers below: (I,G·H), (H,G·H) and the bias of 3 units on 2 features, and what attentions have. */
const weights: Readonly<Record<string, readonly Tensor[]>> = {
  lstm: [zeros(2, 12), zeros(3, 12), zeros(12)],
  both: [zeros(2, 3), zeros(3, 3), zeros(3), zeros(2, 3), zeros(3, 3), zeros(3)],
  heads: [...[1, 2, 3].flatMap(() => [zeros(2, 1, 2), zeros(1, 2)]), zeros(1, 2, 2), zeros(2)],
}

const inputs = {
  class_name: 'InputLayer',
  name: 'x',
  config: { batch_shape: [null, 4, 2], name: 'x' },
  inbound_nodes: [],
}

/** A functional model whose layer reads its input, an attention it twice. */
function modelOf(className: string, name: string, config: Json, reads = 1): Model {
  const source = { class_name: '__keras_tensor__', config: { keras_history: ['x', 0, 0] } }
  const node = { args: Array.from({ length: reads }, () => source), kwargs: {} }
  const layer = { class_name: className, name, config: { name, ...config }, inbound_nodes: [node] }
  const after = { class_name: '__keras_tensor__', config: { keras_history: [name, 0, 0] } }
  const relu = {
    class_name: 'ReLU',
    name: 'end',
    config: { name: 'end' },
    inbound_nodes: [{ args: [after], kwargs: {} }],
  }
  const model = { layers: [inputs, layer, relu], input_layers: [['x', 0, 0]], output_layers: [['end', 0, 0]] }
  return translateKeras(
    {
      format: '.keras',
      version: '3.12.0',
      config: { class_name: 'Functional', config: model },
      weights: (one) => [...(weights[one.name] ?? [])],
    },
    'drawn',
  )
}

/** What each module says of dropout. */
function rates({ architecture }: Model): unknown[] {
  return architectureToJson(architecture).modules.flatMap(({ type, p, dropout, recurrent_dropout: recurrent }) => {
    const said = { ...(p === undefined ? {} : { p }), ...(dropout === undefined ? {} : { dropout }) }
    const all = { ...said, ...(recurrent === undefined ? {} : { recurrent }) }
    return Object.keys(all).length === 0 ? [] : [{ type, ...all }]
  })
}

const lstm = { units: 3, activation: 'tanh', recurrent_activation: 'sigmoid', return_sequences: true }
const inner = {
  class_name: 'SimpleRNN',
  config: { units: 3, activation: 'tanh', dropout: 0.2, recurrent_dropout: 0.3 },
}

describe('a model of Keras keeps what it drops while it is trained', () => {
  test.each([
    ['Dropout', 'd', { rate: 0.2 }, 1, [{ type: 'Dropout', p: 0.2 }]],
    ['Dropout', 'd', { rate: 0.2, noise_shape: [null, 1, 2] }, 1, [{ type: 'Dropout1d', p: 0.2 }]],
    ['SpatialDropout1D', 'd', { rate: 0.2 }, 1, [{ type: 'Dropout1d', p: 0.2 }]],
    ['Dropout', 'd', { rate: 0 }, 1, []],
    [
      'TimeDistributed',
      'd',
      { layer: { class_name: 'Dropout', config: { rate: 0.2 } } },
      1,
      [{ type: 'Dropout', p: 0.2 }],
    ],
    [
      ...(['LSTM', 'lstm', { ...lstm, dropout: 0.2, recurrent_dropout: 0.3 }, 1] as const),
      [
        { type: 'Dropout1d', p: 0.2 },
        { type: 'LSTM', recurrent: 0.3 },
      ],
    ],
    ['LSTM', 'lstm', { ...lstm, dropout: 0, recurrent_dropout: 0 }, 1, []],
    [
      ...(['Bidirectional', 'both', { layer: inner, merge_mode: 'concat' }, 1] as const),
      [
        { type: 'Dropout1d', p: 0.2 },
        { type: 'RNN', recurrent: 0.3 },
      ],
    ],
    ['Attention', 'look', { dropout: 0.1, use_scale: false }, 2, [{ type: 'DotAttention', dropout: 0.1 }]],
    ['AdditiveAttention', 'look', { dropout: 0.1, use_scale: false }, 2, [{ type: 'AdditiveAttention', dropout: 0.1 }]],
    [
      ...(['MultiHeadAttention', 'heads', { num_heads: 1, key_dim: 2, dropout: 0.1 }, 2] as const),
      [{ type: 'MultiheadAttention', dropout: 0.1 }],
    ],
  ] as const)('%s %s %j', (className, name, config, reads, expected) => {
    const model = modelOf(className, name, config, reads)
    expect(rates(model)).toEqual(expected)
    expect(model.graph.nodes.map(({ op }) => op)).not.toContain('dropout')
    expect(model.card?.settings).not.toHaveProperty('left_out_of_training')
  })

  test.each([
    ['GaussianNoise', { stddev: 0.1 }, 'd (GaussianNoise)'],
    ['ActivityRegularization', { l1: 0.1 }, 'd (ActivityRegularization)'],
    ['Dropout', { rate: 0.2, noise_shape: [null, 4, 1] }, 'd (Dropout): a noise_shape of [null,4,1]'],
    ['Dropout', { rate: 1 }, 'd (Dropout): rate 1'],
  ])('%s %j is left out, and the card says so', (className, config, said) => {
    const model = modelOf(className, 'd', config)
    expect(rates(model)).toEqual([])
    expect(model.card?.settings['left_out_of_training']).toBe(said)
  })

  test('in a file that Keras wrote', async () => {
    const folder = join(import.meta.dirname, '../../../golden/keras/article-lstm-small-dropout')
    const { model } = await loadModel(join(folder, 'model.keras'))
    expect(rates(model)).toEqual([
      { type: 'Dropout1d', p: 0.1 },
      { type: 'LSTM', recurrent: 0.1 },
      { type: 'Dropout', p: 0.2 },
      { type: 'Dropout', p: 0.2 },
    ])
  })
})

test('a model in which no layer says how wide the input is says it itself', () => {
  const { architecture, graph } = modelOf('Flatten', 'flat', {})
  expect(architecture.modules[0]).toMatchObject({ type: 'Identity', in_features: 2 })
  expect(graph.nodes[graph.output]!.width).toBe(8)
})
