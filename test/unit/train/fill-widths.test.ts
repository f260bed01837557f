import { describe, expect, test } from 'vitest'
import { fillWidths } from '../../../src/train/fill-widths.ts'

const widths = { inputs: 3, outputs: 4, loss: 'mse' } as const

describe('fillWidths()', () => {
  test('each width follows from the module before, the first from the data and the last from what is predicted', () => {
    const { modules } = fillWidths(
      [
        { type: 'LSTM', hidden_size: 8, bidirectional: true },
        { type: 'LayerNorm' },
        { type: 'GRU', hidden_size: 6, bidirectional: true, merge: 'sum' },
        { type: 'MultiheadAttention', num_heads: 2 },
        { type: 'Linear', out_features: 5 },
        { type: 'Linear' },
      ],
      widths,
    )
    expect(modules.map(({ type: _type, ...rest }) => rest)).toEqual([
      { input_size: 3, hidden_size: 8, bidirectional: true },
      { normalized_shape: 16 },
      { input_size: 16, hidden_size: 6, bidirectional: true, merge: 'sum' },
      { embed_dim: 6, num_heads: 2 },
      { in_features: 6, out_features: 5 },
      { in_features: 5, out_features: 4 },
    ])
  })

  test('a plain head becomes the one that the loss needs', () => {
    const head = [
      { type: 'GRU', hidden_size: 6 },
      { type: 'Linear', name: 'head' },
    ]
    expect(fillWidths(head, { ...widths, loss: 'gaussian' }).modules[1]).toMatchObject({
      ...{ type: 'Gaussian', name: 'head', in_features: 6, out_features: 4 },
    })
    expect(fillWidths(head, { ...widths, loss: 'quantile' }).modules[1]).toMatchObject({
      ...{ type: 'Quantile', levels: [0.05, 0.25, 0.5, 0.75, 0.95], out_features: 4 },
    })
  })

  test('a module that names what it reads follows from that, and so does a last one', () => {
    const branches = [
      { type: 'GRU', name: 'a', hidden_size: 6 },
      { type: 'Linear', name: 'b', input: 'input', out_features: 5 },
      { type: 'Concat', id: 'both', inputs: ['a', 'b'] },
      { type: 'LayerNorm' },
      { type: 'Last', id: 'end' },
      { type: 'Linear', name: 'other', input: 'a', out_features: 2 },
      { type: 'Linear', name: 'head', input: 'end' },
    ]
    const { modules } = fillWidths(branches, widths)
    expect(modules.map((one) => one['in_features'] ?? one['normalized_shape'] ?? one['input_size'])).toEqual([
      ...[3, 3, undefined, 11, undefined, 6, 11],
    ])
    expect(modules.at(-1)).toMatchObject({ out_features: 4 })
    const wrong = (change: object) => () =>
      fillWidths([...branches.slice(0, 6), { ...branches[6]!, ...change }], widths)
    expect(wrong({ out_features: 1 })).toThrow(/model\.modules\.6\.out_features.*4/s)
    expect(wrong({ in_features: 6 })).toThrow(/model\.modules\.6\.in_features.*11/s)
  })

  test('what is behind a Flatten follows from its ticks, and must be said where it has none', () => {
    const flat = (ticks: number) => [{ type: 'GRU', hidden_size: 2 }, { type: 'Flatten', ticks }, { type: 'Linear' }]
    expect(fillWidths(flat(5), widths).modules[2]).toMatchObject({ in_features: 10 })
    expect(fillWidths(flat(0), widths).modules[2]!['in_features']).toBeUndefined()
  })

  test('a width that does not fit is named by its module, with the one that does', () => {
    const first = () => fillWidths([{ type: 'GRU', input_size: 1, hidden_size: 6 }, { type: 'Linear' }], widths)
    expect(first).toThrow(/model\.modules\.0\.input_size/)
    const last = () =>
      fillWidths(
        [
          { type: 'GRU', hidden_size: 6 },
          { type: 'Linear', out_features: 1 },
        ],
        widths,
      )
    expect(last).toThrow(/model\.modules\.1\.out_features.*4/s)
  })
})
