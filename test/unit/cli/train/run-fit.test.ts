import { describe, expect, test } from 'vitest'
import { runFit } from '../../../../src/cli/train/run-fit.ts'
import type { Fit, FitProgress } from '../../../../src/train/fit/fit.ts'

/** A fit of so many batches that takes `msEach` of the clock for each. */
function* fitOf(batches: number, clock: { ms: number }, msEach: number): Fit {
  for (let batch = 1; batch <= batches; batch++) {
    clock.ms += msEach
    const progress: FitProgress = {
      ...{ epoch: 1, epochs: 1, batch, batches, loss: 0.5, validationLoss: null, rate: 0.1 },
      ...{ windows: 32 * batch, windowsTotal: 32 * batches, finished: null },
    }
    if ((yield progress) === 'stop') break
  }
  return { weights: new Map(), history: [], bestEpoch: 0, stopped: 'epochs' }
}

async function shown(batches: number, msEach: number, isTTY: boolean): Promise<string[]> {
  const clock = { ms: 0 }
  const texts: string[] = []
  const output = { isTTY, columns: 120, write: (text: string) => texts.push(text) }
  const driver = { name: 'pump', ticks: 10, output, now: () => clock.ms, stopAsked: () => false, save: () => undefined }
  await runFit(fitOf(batches, clock, msEach), driver)
  return texts
}

describe('runFit()', () => {
  test('off a terminal a short fit has no line, a long one a line each ten seconds, with a rate from the first on', async () => {
    expect(await shown(90, 100, false)).toEqual([])
    const lines = await shown(250, 100, false)
    expect(lines).toHaveLength(2)
    expect(lines[0]).toMatch(/^pump: epoch 1 of 1, loss 0\.5000, 3,\d{3} readings\/s, at most 1\d s left\n$/)
  })

  test('on a terminal there is a bar from the first rate on, and nothing is left of it', async () => {
    const texts = await shown(20, 100, true)
    expect(texts[0]).toMatch(/^\r█+░+ pump: epoch 1 of 1/)
    expect(texts.join('')).not.toMatch(/at most \?|, 0 readings/)
    expect(texts.at(-1)).toBe('\r\u001b[K')
  })
})
