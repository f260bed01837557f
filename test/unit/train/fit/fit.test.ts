import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { parseArchitecture } from '../../../../src/model/architecture.ts'
import type { Examples } from '../../../../src/train/fit/examples.ts'
import {
  type FitData,
  type FitProgress,
  type FitResult,
  type FitSettings,
  type FitState,
  fitNetwork as teach,
} from '../../../../src/train/fit/fit.ts'
import { initialModel } from '../../../../src/train/fit/initial-weights.ts'
import type { Learner } from '../../../../src/train/fit/learner.ts'
import { createOwnLearner } from '../../../../src/train/fit/own-learner.ts'
import { readFitState, writeFitState } from '../../../../src/train/fit/progress-state.ts'
import { sineExamples } from './sine-examples.ts'

const ticks = 20
const batch = 8

/** A learner of a cell with dropout between its two layers, and in its recurrent products. */
function learnerOf(type: 'GRU' | 'LSTM', { seed = 1, dropout = 0, on = 'every' } = {}): Learner {
  const architecture = parseArchitecture({
    modules: [
      {
        ...{ name: 'a', type, input_size: 1, hidden_size: 8, num_layers: dropout > 0 ? 2 : 1 },
        ...{ dropout, recurrent_dropout: dropout },
      },
      { name: 'head', type: 'Linear', in_features: 8, out_features: 1, on },
    ],
  })
  return createOwnLearner(initialModel(architecture, { seed }), {
    ...{ batch, ticks, loss: 'mse', optimizer: { kind: 'adam' }, gradientClip: 1, seed },
  })
}

const settings: FitSettings = { epochs: 4, batch, rate: 0.01, seed: 5 }

/** Runs a fit to its end; the observer may stop it. */
function run(
  learner: Learner,
  data: FitData,
  given: FitSettings,
  { from, each }: { from?: FitState; each?: (progress: FitProgress) => 'stop' | undefined } = {},
): FitResult {
  const fitting = teach(learner, data, given, from)
  let step = fitting.next()
  while (step.done !== true) step = fitting.next(each?.(step.value))
  return step.value
}

/** A short text of every bit. */
function bits(weights: ReadonlyMap<string, Float32Array>): string {
  const hash = createHash('sha256')
  for (const name of [...weights.keys()].sort()) hash.update(name).update(new Uint8Array(weights.get(name)!.buffer))
  return hash.digest('hex')
}

describe('fitNetwork()', () => {
  it.each(['GRU', 'LSTM'] as const)('teaches a %s to continue waves', (type) => {
    const data = { train: sineExamples(60, ticks), validation: sineExamples(20, ticks, { seed: 2 }) }
    const { history, bestEpoch } = run(learnerOf(type), data, { ...settings, epochs: 40 })
    // A wave's mean square is ½, and the first ticks cannot know its speed.
    expect(history[0]!.validation).toBeGreaterThan(0.1)
    expect(history[bestEpoch - 1]!.validation).toBeLessThan(0.02)
  })

  it('teaches what answers once for a window', () => {
    const data = { train: sineExamples(60, ticks, { every: false }), validation: null }
    const { history } = run(learnerOf('GRU', { on: 'last' }), data, { ...settings, epochs: 40 })
    expect(history.at(-1)!.train).toBeLessThan(history[0]!.train / 20)
    expect(history.every(({ validation }) => validation === null)).toBe(true)
  })

  it('gives the same weights bit for bit for the same seed, and others for another', () => {
    const data = { train: sineExamples(30, ticks), validation: sineExamples(10, ticks, { seed: 2 }) }
    const weights = [5, 5, 6].map((seed) =>
      bits(run(learnerOf('GRU', { dropout: 0.3 }), data, { ...settings, seed }).weights),
    )
    expect(weights[1]).toBe(weights[0])
    expect(weights[2]).not.toBe(weights[0])
  })

  it('goes on from the end of any epoch with the same bits, dropout included', () => {
    const data = { train: sineExamples(30, ticks), validation: sineExamples(10, ticks, { seed: 2 }) }
    const given: FitSettings = { ...settings, schedule: { kind: 'plateau', patience: 1 } }
    const states: Uint8Array[] = []
    const whole = run(learnerOf('LSTM', { dropout: 0.3 }), data, given, {
      each({ finished }) {
        if (finished !== null) states.push(writeFitState(finished.state(), 'same'))
        return undefined
      },
    })
    expect(states).toHaveLength(4)
    for (const state of states) {
      const resumed = run(learnerOf('LSTM', { dropout: 0.3, seed: 1 }), data, given, {
        from: readFitState(state, 'same'),
      })
      expect(resumed.history).toEqual(whole.history)
      expect(bits(resumed.weights)).toBe(bits(whole.weights))
    }
  })

  it('keeps its bits when it is killed within an epoch and resumed from the last state', () => {
    const data = { train: sineExamples(30, ticks), validation: null }
    const whole = run(learnerOf('GRU', { dropout: 0.3 }), data, settings)
    let kept: Uint8Array | undefined
    const killed = teach(learnerOf('GRU', { dropout: 0.3 }), data, settings)
    for (let n = 0; n < 10; n++) {
      const { finished } = killed.next().value as FitProgress
      if (finished !== null) kept = writeFitState(finished.state(), 'same')
    }
    const resumed = run(learnerOf('GRU', { dropout: 0.3 }), data, settings, { from: readFitState(kept!, 'same') })
    expect(bits(resumed.weights)).toBe(bits(whole.weights))
  })

  it('stops on demand with the best so far, which is what the learner then has', () => {
    const data = { train: sineExamples(30, ticks), validation: sineExamples(10, ticks, { seed: 2 }) }
    const learner = learnerOf('GRU')
    const ended = run(learner, data, settings, {
      each: ({ epoch, batch: at }) => (epoch === 3 && at === 2 ? 'stop' : undefined),
    })
    const two = run(learnerOf('GRU'), data, { ...settings, epochs: 2 })
    expect(ended.stopped).toBe('interrupted')
    expect(ended.history).toEqual(two.history)
    expect(bits(ended.weights)).toBe(bits(two.weights))
    expect(bits(learner.weights())).toBe(bits(two.weights))
  })

  it('stopped in its first epoch has the weights of that moment, and no best epoch', () => {
    const learner = learnerOf('GRU')
    const before = bits(learner.weights())
    const data = { train: sineExamples(30, ticks), validation: null }
    const ended = run(learner, data, settings, { each: () => 'stop' })
    expect(ended).toMatchObject({ bestEpoch: 0, history: [], stopped: 'interrupted' })
    expect(bits(ended.weights)).not.toBe(before)
  })

  it('stops when patience is over, with the weights of the best epoch', () => {
    const data = { train: sineExamples(30, ticks), validation: sineExamples(10, ticks, { seed: 2 }) }
    // Far too high a rate from a good start: the loss rises.
    const learner = learnerOf('GRU')
    const states: string[] = []
    const ended = run(
      learner,
      data,
      { ...settings, epochs: 50, rate: 0.3, patience: 2 },
      {
        each({ finished }) {
          if (finished !== null) states.push(bits(finished.state().weights))
          return undefined
        },
      },
    )
    expect(ended.stopped).toBe('patience')
    expect(ended.history.length).toBe(ended.bestEpoch + 2)
    const losses = ended.history.map(({ validation }) => validation!)
    expect(losses[ended.bestEpoch - 1]).toBe(Math.min(...losses))
    expect(bits(learner.weights())).toBe(states[ended.bestEpoch - 1])
  })

  it('does not count a gain below minDelta', () => {
    const data = { train: sineExamples(30, ticks), validation: null }
    const ended = run(learnerOf('GRU'), data, { ...settings, epochs: 50, patience: 1, minDelta: 10 })
    expect(ended.stopped).toBe('patience')
    expect(ended.history).toHaveLength(2)
    expect(ended.bestEpoch).toBe(2)
  })

  it('tells after each batch where it stands', () => {
    const data = { train: sineExamples(20, ticks), validation: null }
    const seen: string[] = []
    run(
      learnerOf('GRU'),
      data,
      { ...settings, epochs: 2 },
      {
        each({ epoch, epochs, batch: at, batches, windows, windowsTotal, finished }) {
          seen.push(`${epoch}/${epochs} ${at}/${batches} ${windows}/${windowsTotal} ${finished !== null}`)
          return undefined
        },
      },
    )
    expect(seen).toEqual([
      '1/2 1/3 8/40 false',
      '1/2 2/3 16/40 false',
      '1/2 3/3 20/40 true',
      '2/2 1/3 28/40 false',
      '2/2 2/3 36/40 false',
      '2/2 3/3 40/40 true',
    ])
  })

  it('says in which epoch the loss stopped being a number, and what to do', () => {
    const data = { train: sineExamples(20, ticks, { scale: 1e30 }), validation: null }
    expect(() => run(learnerOf('GRU'), data, settings)).toThrow(/became NaN in epoch 1: .*smaller learning rate/)
  })

  it('takes windows without targets for what they are', () => {
    const unknown: Examples = {
      ...{ count: 4, ticks, inputs: 1, targets: 1, every: true },
      fill: (_, __, target) => target.fill(Number.NaN),
    }
    const known = sineExamples(20, ticks)
    expect(() => run(learnerOf('GRU'), { train: unknown, validation: null }, settings)).toThrow('no window to train on')
    expect(() => run(learnerOf('GRU'), { train: known, validation: unknown }, settings)).toThrow('validation part')
  })

  it('tells all wrong settings at once', () => {
    const wrong = { ...settings, epochs: 0, rate: -1, schedule: { kind: 'step', every: 0.5, factor: 2 } } as const
    const data = { train: sineExamples(20, ticks), validation: null }
    expect(() => run(learnerOf('GRU'), data, wrong)).toThrow(
      /epochs: .*\nrate: .*\nschedule.factor: .*\nschedule.every: /,
    )
  })
})
