import { describe, expect, it } from 'vitest'
import { createPrng } from '../../../../src/base/prng.ts'
import { type Activation, activationNames } from '../../../../src/model/activation.ts'
import { inputWidth } from '../../../../src/model/graph.ts'
import type { Model } from '../../../../src/model/model.ts'
import { createReferenceWindows, stateSizes } from '../../../../src/model/reference/windows.ts'
import { createTrainer } from '../../../../src/model/trainer/trainer.ts'
import { randomModel, streamable } from '../random-model.ts'
import { attention, gru, head, lstm, ticks, windowed } from '../windowed-models.ts'
import { NumericGradient } from './numeric-gradient.ts'

type Module = Readonly<Record<string, unknown>>

/** Cells of one, few and odd numbers of units. */
const cells = [1, 3, 33].flatMap((hidden) =>
  [
    { type: 'RNN' },
    { type: 'RNN', nonlinearity: 'relu' },
    { type: 'LSTM' },
    ...(hidden > 1 ? [{ type: 'LSTM', proj_size: hidden - 1 }] : []),
    { type: 'GRU' },
    { type: 'GRU', convention: 'reset_before' },
    { type: 'GRU', convention: 'textbook' },
  ].map((cell): [string, Module[]] => [
    `${Object.values(cell).join(' ')}, ${hidden} units`,
    [{ name: 'a', input_size: 2, hidden_size: hidden, ...cell }],
  ]),
)

/** Every elementwise function behind values of both signs, some of them beyond 1 and some beyond 3. */
const functions = activationNames
  .filter((name) => name !== 'softmax')
  .map((name: Activation): [string, Module[]] => [
    name,
    [
      { name: 'l', type: 'Linear', in_features: 2, out_features: 9 },
      { type: 'Activation', function: name },
      { name: 'o', type: 'Linear', in_features: 9, out_features: 2 },
    ],
  ])

function drawn(random: () => number, size: number, scale: number): Float32Array {
  return Float32Array.from({ length: size }, () => scale * (2 * random() - 1))
}

/** Windows, states and a weight for every output; batches that are no multiple of four, so that all loops end oddly. */
function workOf(model: Model, { batch = 3, scale = 1.5 } = {}) {
  const prng = createPrng(5)
  const random = (): number => prng.between(0, 1)
  const sizes = stateSizes(model.graph)
  const x = drawn(random, batch * ticks * inputWidth(model.graph), scale)
  const h = drawn(random, batch * sizes.h, 0.5)
  const c = drawn(random, batch * sizes.c, 0.5)
  const state = sizes.c > 0 ? { h, c } : { h }
  const trainer = createTrainer(model, { batch, ticks, inputGradient: true })
  const output = trainer.forward(x, state)
  return { batch, x, h, c, state, trainer, output, dy: drawn(random, output.length, 1) }
}

function largest(values: ArrayLike<number>): number {
  return Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0)
}

/** Compares every gradient with differences of the float64 reference; both are relative to a tensor's largest. */
function expectGradients(model: Model, options?: Parameters<typeof workOf>[1]): void {
  const { batch, x, h, c, state, trainer, output, dy } = workOf(model, options)
  const reference = createReferenceWindows(model)(x, batch, ticks, state)
  expect(largest(output.map((value, i) => value - reference.output[i]!))).toBeLessThan(
    2e-6 * Math.max(1, largest(output)),
  )
  for (const part of ['h', 'c'] as const) {
    const found = trainer.state[part] ?? []
    expect(largest(found.map((value, i) => value - reference.state[part]![i]!))).toBeLessThan(2e-6)
  }
  const gradients = trainer.backward(dy)
  const to64 = { x: Float64Array.from(x), h: Float64Array.from(h), c: Float64Array.from(c), batch, ticks }
  const numeric = new NumericGradient(model, to64, dy)
  const wanted = new Map<string, Map<number, number>>()
  for (const name of gradients.byName.keys()) wanted.set(name, numeric.ofTensor(name))
  for (const part of ['x', 'h', 'c'] as const) if (to64[part].length > 0) wanted.set(part, numeric.ofWindows(part))
  const found = new Map<string, Float32Array>([...gradients.byName, ['x', gradients.x!], ['h', gradients.state.h]])
  if (gradients.state.c) found.set('c', gradients.state.c)
  for (const [name, want] of wanted) {
    const most = largest([...want].map(([place, value]) => value - found.get(name)![place]!))
    expect(most / Math.max(1e-3, largest([...want.values()])), name).toBeLessThan(1e-5)
  }
}

describe('the gradients of a trainer are those of the reference in float64', () => {
  it.each(Object.entries(streamable))('%s', (_, modules) => expectGradients(randomModel(modules)))
  it.each(Object.entries(windowed))('%s', (_, modules) => expectGradients(randomModel(modules)))
  it.each(cells)('%s', (_, modules) => expectGradients(randomModel(modules)))
  it.each(functions)('%s', (_, modules) => expectGradients(randomModel(modules, 2, 1), { scale: 3 }))
  it('for one window, for four, and for as many as fill several blocks of rows', () => {
    for (const batch of [1, 4, 65]) expectGradients(randomModel([gru, head]), { batch })
  })
})

describe('createTrainer()', () => {
  it('gives the same bits for the same input, in a second trainer too', () => {
    const run = (): number[] => {
      const { trainer, dy, output, x, state } = workOf(randomModel([gru, attention, head]))
      const once = [...trainer.backward(dy).byName.values()].flatMap((values) => [...values])
      expect(trainer.forward(x, state)).toEqual(output)
      expect([...trainer.backward(dy).byName.values()].flatMap((values) => [...values])).toEqual(once)
      return once
    }
    expect(run()).toEqual(run())
  })
  it('gives a window the same output and dx wherever it stands in a batch', () => {
    const model = randomModel([lstm, head])
    const { trainer, x, dy, output, state } = workOf(model, { batch: 4 })
    const dx = trainer.backward(dy).x!.slice()
    const turned = (values: Float32Array, parts: number): Float32Array => {
      const size = values.length / parts
      return Float32Array.from(values, (_, i) => values[(i + size) % values.length]!)
    }
    const turnedState = { h: turned(state.h, 4), c: turned(state.c!, 4) }
    expect(trainer.forward(turned(x, 4), turnedState)).toEqual(turned(output, 4))
    expect(trainer.backward(turned(dy, 4)).x).toEqual(turned(dx, 4))
  })
  it('takes and gives ticks first where it is told to', () => {
    const model = randomModel([gru, head])
    const { trainer, x, dy, output, state } = workOf(model)
    const exchanged = (values: Float32Array, width: number): Float32Array =>
      values.map((_, i) => {
        const [tick, window] = [Math.floor(i / width / 3), Math.floor(i / width) % 3]
        return values[(window * ticks + tick) * width + (i % width)]!
      })
    const other = createTrainer(model, { batch: 3, ticks, inputGradient: true, batchFirst: false })
    expect(other.forward(exchanged(x, 2), state)).toEqual(exchanged(output, 3))
    const { byName, x: dx } = trainer.backward(dy)
    const found = other.backward(exchanged(dy, 3))
    expect(found.x).toEqual(exchanged(dx!, 2))
    expect(found.byName).toEqual(byName)
  })
  it('goes on from the state of the last window: two halves give what the whole gives', () => {
    const model = randomModel([{ ...lstm, num_layers: 2 }, head])
    const { x, state, output } = workOf(model, { batch: 1 })
    const half = createTrainer(model, { batch: 1, ticks: ticks / 2 })
    const first = half.forward(x.subarray(0, x.length / 2), state)
    const second = half.forward(x.subarray(x.length / 2), half.state)
    expect([...first, ...second]).toEqual([...output])
  })
  it('uses changed weights after repack(), and gives them away as a model', () => {
    const model = randomModel([gru, head])
    const { trainer, x, state, output } = workOf(model)
    for (const values of trainer.parameters.values()) values[0] = values[0]! + 0.25
    expect(trainer.forward(x, state)).toEqual(output)
    trainer.repack()
    const changed = trainer.forward(x, state)
    expect(changed).not.toEqual(output)
    const again = trainer.toModel()
    expect(again.fingerprint).not.toBe(model.fingerprint)
    expect(createTrainer(again, { batch: 3, ticks }).forward(x, state)).toEqual(changed)
    expect(model.tensors.get('head.bias')!.data[0]).not.toBe(trainer.parameters.get('head.bias')![0])
  })
  it('keeps a NaN in its own window', () => {
    const { trainer, x, state, output, dy } = workOf(randomModel([gru, head]))
    const dx = trainer.backward(dy).x!.slice()
    x[0] = Number.NaN
    const size = output.length / 3
    const found = trainer.forward(x, state)
    expect(found.subarray(0, size).every(Number.isNaN)).toBe(true)
    expect(found.subarray(size)).toEqual(output.subarray(size))
    expect(trainer.backward(dy).x!.subarray(2 * ticks)).toEqual(dx.subarray(2 * ticks))
  })
  it('does not train the statistics of a batch normalisation', () => {
    const model = randomModel([{ name: 'b', type: 'BatchNorm1d', num_features: 2 }, gru])
    const names = [...createTrainer(model, { batch: 1, ticks: 1 }).parameters.keys()]
    expect(names).toContain('b.weight')
    expect(names).not.toContain('b.running_mean')
  })
  it('refuses gates of another activation, naming the module, and a tape that is too large', () => {
    const other = randomModel([{ ...lstm, name: 'odd', gate_activation: 'hard_sigmoid' }])
    expect(() => createTrainer(other, { batch: 1, ticks: 1 })).toThrow(/odd.*hard_sigmoid and tanh/)
    const model = randomModel([gru])
    expect(() => createTrainer(model, { batch: 2 ** 20, ticks: 64 })).toThrow('at most 4 GiB')
  })
  it('says what is of the wrong size', () => {
    const { trainer, x, dy } = workOf(randomModel([lstm, head]))
    expect(() => trainer.forward(x.subarray(1))).toThrow('3 × 6 × 2')
    expect(() => trainer.forward(x, { h: new Float32Array(1) })).toThrow('state.h')
    expect(() => trainer.forward(x, { h: new Float32Array(15) })).toThrow('state.c')
    expect(() => trainer.backward(dy.subarray(1))).toThrow('dy must hold')
  })
})
