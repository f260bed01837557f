import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { createPrng } from '../../../src/base/prng.ts'
import { loadModelFiles } from '../../../src/cli/model-files.ts'
import { writeSafetensors } from '../../../src/model/safetensors.ts'
import { clipNorm, oneCycle } from '../../../src/train/adamw.ts'
import { BackwardRoom, backwardWindow, forwardWindow, layoutOf, Tape } from '../../../src/train/backward.ts'
import { generateSensor, processNames } from '../../../src/train/corpus.ts'
import { baseSettings, pretrain, pretrainedModel } from '../../../src/train/pretrain.ts'

const small = { ...baseSettings, hidden: 6, sensors: 16, rows: 448, epochs: 2, batch: 8 }

describe('pretraining', () => {
  test('the same settings give the same bytes, another seed gives others', () => {
    const bytes = (seed: number): string => {
      const settings = { ...small, seed }
      const model = pretrainedModel(
        'm',
        settings,
        pretrain(settings, () => undefined),
        'test',
      )
      return createHash('sha256').update(writeSafetensors(model.tensors)).digest('hex')
    }
    expect(bytes(1)).toBe(bytes(1))
    expect(bytes(1)).not.toBe(bytes(2))
  })

  test('the loss on unseen sensors falls below that of persistence', () => {
    const settings = { ...small, sensors: 64, epochs: 4 }
    const { trainLosses, unseenLoss, persistenceLoss } = pretrain(settings, () => undefined)
    expect(trainLosses.at(-1)!).toBeLessThan(trainLosses[0]!)
    expect(unseenLoss).toBeLessThan(persistenceLoss)
  })

  test('the model that ships was made with the settings in the code, and its file is what they wrote', () => {
    const base = loadModelFiles('base')
    expect(base.card!.settings).toEqual(baseSettings)
    const file = readFileSync(new URL('../../../src/model/base/weights.safetensors', import.meta.url))
    expect(Buffer.from(writeSafetensors(base.tensors, { format: 'pt' })).equals(file)).toBe(true)
  })
})

test('the backward walk is the derivative of the forward one', () => {
  const random = createPrng(5)
  const shape = { inputs: 2, hidden: 4, outputs: 3 }
  const size = layoutOf(shape).size
  const w = Float64Array.from({ length: size }, () => random.between(-0.7, 0.7))
  const x = Float64Array.from({ length: 12 }, () => random.normal())
  const dy = Float64Array.from({ length: 18 }, () => random.normal())
  const loss = (): number => {
    const tape = new Tape(shape, 6)
    forwardWindow(shape, w, x, tape)
    return tape.y.reduce((sum, y, i) => sum + y * dy[i]!, 0)
  }
  const grad = new Float64Array(size)
  const tape = new Tape(shape, 6)
  forwardWindow(shape, w, x, tape)
  backwardWindow(shape, w, x, tape, dy, new BackwardRoom(shape), grad)
  for (let i = 0; i < size; i++) {
    const kept = w[i]!
    w[i] = kept + 1e-6
    const above = loss()
    w[i] = kept - 1e-6
    const below = loss()
    w[i] = kept
    expect(Math.abs((above - below) / 2e-6 - grad[i]!)).toBeLessThan(1e-7)
  }
})

test('the gradient norm is cut and the rate rises and falls once', () => {
  const grad = Float64Array.of(3, 4)
  expect(clipNorm(grad, 1)).toBe(5)
  expect([...grad]).toEqual([0.6, 0.8])
  const rates = Array.from({ length: 100 }, (_, i) => oneCycle(i, 100, 1))
  expect(Math.max(...rates)).toBe(1)
  expect(rates.indexOf(1)).toBe(14)
  expect(rates[99]!).toBeLessThan(0.02)
})

test.each(processNames)('generated sensors of the kind %s are finite and not constant', (name) => {
  const random = createPrng(6)
  for (let i = 0; i < 20; i++) {
    const values = generateSensor(random, 600, name)
    expect(values.every((value) => Number.isFinite(value) && Math.abs(value) < 50)).toBe(true)
    expect(Math.max(...values)).toBeGreaterThan(Math.min(...values))
  }
})
