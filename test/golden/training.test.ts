import { expect, test } from 'vitest'
import { AdamW } from '../../src/train/adamw.ts'
import { BackwardRoom, backwardWindow, forwardWindow, layoutOf, type Shape, Tape } from '../../src/train/backward.ts'
import { largestDifference, readCase, readTensors } from './golden-case.ts'

const names = ['weight_ih_l0', 'weight_hh_l0', 'bias_ih_l0', 'bias_hh_l0']

/** One flat array in the layout of training, from tensors with a prefix. */
function flat(tensors: ReadonlyMap<string, Float64Array>, prefix: string, suffix: string): Float64Array {
  const parts = [...names.map((name) => `rnn.${name}`), 'fc.weight', 'fc.bias']
  const values = parts.flatMap((name) => [...tensors.get(`${prefix}${name}${suffix}`)!])
  return Float64Array.from(values)
}

/** Mean squared error of the head on the last step, and its gradient over a batch. */
function lossAndGradient(
  shape: Shape,
  w: Float64Array,
  io: ReadonlyMap<string, Float64Array>,
  batch: number,
  grad: Float64Array,
): number {
  const x = io.get('x')!
  const h0 = io.get('h0')
  const target = io.get('target')!
  const ticks = x.length / batch / shape.inputs
  let loss = 0
  for (let b = 0; b < batch; b++) {
    const tape = new Tape(shape, ticks)
    if (h0) tape.h.set(h0.subarray(b * shape.hidden, (b + 1) * shape.hidden))
    const xb = x.subarray(b * ticks * shape.inputs, (b + 1) * ticks * shape.inputs)
    forwardWindow(shape, w, xb, tape)
    const dy = new Float64Array(ticks * shape.outputs)
    for (let o = 0; o < shape.outputs; o++) {
      const place = (ticks - 1) * shape.outputs + o
      const error = tape.y[place]! - target[b * shape.outputs + o]!
      loss += (error * error) / target.length
      dy[place] = (2 * error) / target.length
    }
    backwardWindow(shape, w, xb, tape, dy, new BackwardRoom(shape), grad)
  }
  return loss
}

test('the gradient of a GRU with a linear head is that of PyTorch', () => {
  const golden = readCase('grad-gru-last')
  const shape = { inputs: 1, hidden: 16, outputs: 2 }
  const grad = new Float64Array(layoutOf(shape).size)
  const loss = lossAndGradient(shape, flat(readTensors(golden.weightsPath), '', ''), golden.io, 4, grad)
  const want = flat(golden.io, 'grad.', '.f64')
  expect(Math.abs(loss - golden.io.get('loss.f64')![0]!)).toBeLessThan(1e-12)
  expect(largestDifference(grad, want)).toBeLessThan(1e-12)
})

test('twenty updates of AdamW give the losses and weights of PyTorch', () => {
  const golden = readCase('train-gru-adamw')
  const shape = { inputs: 1, hidden: 8, outputs: 2 }
  const w = flat(readTensors(golden.weightsPath), '', '')
  const optimizer = new AdamW(w.length, 1e-2)
  const grad = new Float64Array(w.length)
  const losses: number[] = []
  for (let update = 0; update <= 20; update++) {
    grad.fill(0)
    losses.push(lossAndGradient(shape, w, golden.io, 8, grad))
    if (update === 1) expect(largestDifference(w, flat(golden.io, 'after1.', '.f64'))).toBeLessThan(1e-9)
    if (update < 20) optimizer.update(w, grad, 1e-2)
  }
  expect(largestDifference(losses, golden.io.get('losses.f64')!)).toBeLessThan(1e-9)
  expect(largestDifference(w, flat(golden.io, 'after20.', '.f64'))).toBeLessThan(1e-7)
})
