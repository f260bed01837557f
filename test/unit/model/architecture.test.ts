import { describe, expect, test } from 'vitest'
import { architectureToJson, parseArchitecture } from '../../../src/model/architecture.ts'
import { inputWidth, outputWidth } from '../../../src/model/graph.ts'
import { lower } from '../../../src/model/lower.ts'
import { moduleTable } from '../../../src/model/module-table.ts'
import { openStream } from '../../../src/model/recurrent.ts'
import { tensorShapes } from '../../../src/model/tensor-shapes.ts'
import { randomModel, streamable } from './random-model.ts'

const gru = { name: 'gru', type: 'GRU', input_size: 1, hidden_size: 2 }
const head = { name: 'fc', type: 'Linear', in_features: 2, out_features: 1 }
const graphOf = (...modules: Record<string, unknown>[]) => lower(parseArchitecture({ modules }))
const opsOf = (...modules: Record<string, unknown>[]): string[] => graphOf(...modules).nodes.map(({ op }) => op)

describe('an architecture in the words of PyTorch', () => {
  test('is read with its defaults and written again', () => {
    const architecture = parseArchitecture({ modules: [gru, { ...head, on: 'last' }] })
    expect(architecture.modules[0]).toMatchObject({ num_layers: 1, bias: true, input: 'input', id: 'gru' })
    expect(architecture.modules[1]).toMatchObject({ on: 'last', bias: true, input: 'gru' })
    expect(parseArchitecture(architectureToJson(architecture))).toEqual(architecture)
  })

  test('of one GRU and a head has the text that earlier fingerprints were made of', () => {
    const text = JSON.stringify(
      architectureToJson(parseArchitecture({ modules: [{ ...gru, batch_first: true }, head] })),
    )
    expect(text).toBe(
      '{"modules":[{"name":"gru","type":"GRU","input_size":1,"hidden_size":2,"num_layers":1,"bias":true},' +
        '{"name":"fc","type":"Linear","in_features":2,"out_features":1,"bias":true,"on":"every"}]}',
    )
  })

  test.each(Object.entries(streamable))('%s survives being written', (_name, modules) => {
    const architecture = parseArchitecture({ modules })
    const again = parseArchitecture(JSON.parse(JSON.stringify(architectureToJson(architecture))))
    expect(again).toEqual(architecture)
    expect(lower(again)).toEqual(lower(architecture))
  })

  test.each([
    [{ ...gru, type: 'Conv1d' }, /module 1: the type "Conv1d" is not built; built are RNN, LSTM, GRU/],
    [{ ...gru, hidden_size: 0 }, /gru \(GRU\): hidden_size is 0, it must be a whole number from 1 to 512/],
    [{ ...gru, hidden_size: 513 }, /hidden_size is 513/],
    [{ ...gru, num_layers: 9 }, /num_layers is 9, it must be a whole number from 1 to 8/],
    [{ ...gru, input_size: 257 }, /gives the model 257 inputs; built are 1 to 256/],
    [{ ...gru, input_size: undefined }, /gru \(GRU\) needs "input_size"/],
    [{ ...gru, colour: 'red' }, /gru \(GRU\) has no option "colour"; it has input_size/],
    [{ ...gru, convention: 'cho' }, /convention is "cho", it must be "reset_after", "reset_before", "textbook"/],
    [{ ...gru, bias: 1 }, /bias is 1, it must be true or false/],
    [{ ...gru, name: 1 }, /name is 1, it must be a string/],
    [{ ...gru, residual: 'yes' }, /residual is "yes"/],
    [{ ...gru, residual: true }, /no layer is as wide as what it reads/],
    [{ ...gru, bidirectional: true, go_backwards: true }, /go_backwards goes with one direction/],
    [{ ...gru, gate_activation: 'softmax' }, /softmax is no activation of a gate/],
    [{ ...gru, input: 'elsewhere' }, /gru reads "elsewhere"; before it there are input/],
    [{ type: 'LSTM', input_size: 1, hidden_size: 4, proj_size: 4 }, /LSTM#1: proj_size is 4, it must be less/],
    [{ type: 'ELU', alpha: 2 }, /ELU#1: alpha is 2, it must be 1/],
    [{ type: 'Tanh' }, /no module that reads the model's input says how wide it is/],
    ['GRU', /module 1 must be a JSON object/],
  ])('%o is refused by name', (module, message) => {
    expect(() => lower(parseArchitecture({ modules: [module] }))).toThrow(message)
  })

  test('what does not fit together is refused with both sides', () => {
    expect(() => parseArchitecture({})).toThrow(/expected \{ "modules"/)
    expect(() => parseArchitecture({ modules: [gru, gru] })).toThrow(/two modules have the id "gru"/)
    expect(() => graphOf(gru, { ...head, in_features: 3 })).toThrow(
      /fc \(Linear\): in_features is 3, but gru \(GRU\) gives 2/,
    )
    expect(() => graphOf(gru, { type: 'Last' }, { ...gru, name: 'b', input_size: 2 })).toThrow(
      /b \(GRU\) reads a sequence, but Last#2 gives one vector/,
    )
    expect(() => graphOf(gru, { type: 'Last' }, { type: 'Add', inputs: ['gru', 'Last#2'] })).toThrow(
      /joins a sequence with one vector/,
    )
    expect(() => graphOf(gru, { type: 'Add', inputs: ['input', 'gru'] })).toThrow(
      /values of 1 and 2 features cannot be joined by "add"/,
    )
    expect(() => graphOf(gru, { type: 'Repeat' })).toThrow(/repeats one vector, but reads a sequence/)
    expect(() => graphOf(gru, { type: 'Flatten' })).toThrow(/needs "ticks"/)
    expect(() => graphOf(gru, { type: 'Flatten' }, { ...head, in_features: 5 })).toThrow(
      /no whole number of ticks of 2/,
    )
    expect(() => graphOf(gru, { name: 'm', type: 'MultiheadAttention', embed_dim: 2, num_heads: 3 })).toThrow(
      /not a multiple/,
    )
    const shared = graphOf({ ...gru, name: '' }, { ...gru, name: '', id: 'b', input_size: 2 })
    expect(() => tensorShapes(shared)).toThrow(/"weight_ih_l0" would be \[6,1\] and, in b \(GRU\), \[6,2\]/)
  })
})

describe('lowering', () => {
  test('every type of the table can be lowered', () => {
    const examples: Record<string, Record<string, unknown>> = {
      Activation: { function: 'exp' },
      BatchNorm1d: { num_features: 2 },
      LayerNorm: { normalized_shape: [2] },
      AdditiveAttention: { in_features: 2, attention_size: 3 },
      MultiheadAttention: { embed_dim: 2, num_heads: 1 },
      Quantile: { in_features: 2, out_features: 1, levels: [0.5] },
      Pool: { how: 'mean' },
      Flatten: { ticks: 3 },
      Identity: { in_features: 2 },
    }
    for (const [type, options] of Object.entries(moduleTable)) {
      const before = type === 'Repeat' ? [{ type: 'Last' }] : []
      const sizes = {
        ...('input_size' in options && { input_size: 2, hidden_size: 2 }),
        ...('in_features' in options && { in_features: 2, out_features: 2 }),
        ...('inputs' in options && { inputs: ['gru', 'gru'] }),
      }
      const module = { type, name: 'x', ...(examples[type] ?? sizes) }
      const graph = graphOf(gru, ...before, module)
      expect(graph.nodes.length, type).toBeGreaterThanOrEqual(2)
      expect(outputWidth(graph), type).toBeGreaterThanOrEqual(1)
    }
  })

  test('makes one node of every layer and direction, with PyTorch’s names and places', () => {
    const graph = graphOf(
      { ...gru, type: 'LSTM', num_layers: 2, bidirectional: true, proj_size: 1 },
      { ...head, on: 'last' },
    )
    const recurrent = graph.nodes.filter((node) => node.op === 'recurrent')
    expect(recurrent.map(({ wIn, stateIndex, reverse }) => [wIn, stateIndex, reverse])).toEqual([
      ['gru.weight_ih_l0', 0, false],
      ['gru.weight_ih_l0_reverse', 1, true],
      ['gru.weight_ih_l1', 2, false],
      ['gru.weight_ih_l1_reverse', 3, true],
    ])
    expect([...tensorShapes(graph)].slice(10, 16)).toEqual([
      ['gru.weight_ih_l1', [8, 2]],
      ['gru.weight_hh_l1', [8, 1]],
      ['gru.bias_ih_l1', [8]],
      ['gru.bias_hh_l1', [8]],
      ['gru.weight_hr_l1', [1, 2]],
      ['gru.weight_ih_l1_reverse', [8, 2]],
    ])
    expect([inputWidth(graph), outputWidth(graph)]).toEqual([1, 1])
  })

  test('puts sums and norms between layers, and ends each direction where it ended', () => {
    expect(opsOf({ ...gru, num_layers: 3, layer_norm: true, residual: true })).toEqual([
      'input',
      'recurrent',
      'layerNorm',
      'recurrent',
      'merge',
      'layerNorm',
      'recurrent',
      'merge',
    ])
    const both = graphOf({ ...gru, bidirectional: true, merge: 'average', on: 'last' })
    expect(both.nodes.filter((node) => node.op === 'last').map(({ first }) => first)).toEqual([false, true])
    expect(both.nodes.at(-1)).toMatchObject({ op: 'merge', how: 'average', width: 2, sequence: false })
    const backwards = graphOf({ ...gru, go_backwards: true, on: 'last' })
    expect(backwards.nodes.at(-1)).toMatchObject({ op: 'last', first: true })
  })
})

describe('a stream refuses by name what needs a whole window', () => {
  const attention = { name: 'm', type: 'MultiheadAttention', embed_dim: 2, num_heads: 1 }
  test.each([
    [
      [{ ...gru, bidirectional: true }],
      /gru \(GRU\) reads the ticks backwards .* reads the future; it runs on windows only/,
    ],
    [[{ ...gru, go_backwards: true }], /reads the future/],
    [[gru, attention], /m \(MultiheadAttention\) attends to later ticks/],
    [[gru, { ...attention, causal: true }], /attends to everything before it: give it a finite "window"/],
    [[gru, { name: 'a', type: 'AdditiveAttention', in_features: 2, attention_size: 3 }], /attends to the whole window/],
    [[gru, { type: 'Pool', how: 'mean' }], /Pool#2 takes the mean over all ticks/],
    [[gru, { type: 'Flatten', ticks: 3 }], /Flatten#2 lays all ticks side by side/],
    [[gru, { type: 'Last' }, { type: 'Repeat' }], /Repeat#3 repeats the last value/],
  ])('%o', (modules, message) => {
    expect(() => openStream(randomModel(modules as Record<string, unknown>[]), { slots: 1 })).toThrow(message as RegExp)
  })
})
