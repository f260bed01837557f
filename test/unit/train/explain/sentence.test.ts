import { describe, expect, it } from 'vitest'
import { type ChannelCourse, explanationSentence } from '../../../../src/train/explain/sentence.ts'

const subject = { name: 'outlet temperature', unit: 'celsius', scale: 3 }
const ramp = (from: number, to: number): number[] => Array.from({ length: 20 }, (_, t) => from + ((to - from) * t) / 19)

/** A channel whose contribution is shared evenly by its ticks. */
function channel(name: string, values: readonly number[], contribution: number, more: Partial<ChannelCourse> = {}) {
  const contributions = values.map(() => contribution / values.length)
  return { name, unit: 'percent', usual: 50, scale: 10, values, contributions, ...more }
}

describe('explanationSentence()', () => {
  const say = (channels: readonly ChannelCourse[], observed = 65.47, expected = 61.31): string =>
    explanationSentence({ subject, observed, expected, channels })

  it('names the channel that made the model expect less than what came', () => {
    const load = channel('load', ramp(55, 20), -4)
    const flow = channel('flow', ramp(50, 52), 0.3)
    expect(say([flow, load])).toBe('outlet temperature 4.2 °C above the expected 61.3 °C while load fell')
  })
  it('names the channel that made the model expect more than what came', () => {
    expect(say([channel('load', ramp(48, 80), 5)], 57.1)).toBe(
      'outlet temperature 4.2 °C below the expected 61.3 °C while load rose',
    )
  })
  it('names no channel that pulled towards what came, however strongly', () => {
    expect(say([channel('load', ramp(48, 80), 5)])).toBe('outlet temperature 4.2 °C above the expected 61.3 °C')
  })
  it('names no channel when two pull alike against each other, or all too weakly', () => {
    expect(say([channel('load', ramp(55, 20), -4), channel('flow', ramp(40, 80), 4.5)])).not.toContain('while')
    expect(say([channel('load', ramp(55, 20), -0.9)])).not.toContain('while')
    expect(say([channel('load', ramp(55, 20), -1.2)])).toContain('while load fell')
    expect(say([])).toBe('outlet temperature 4.2 °C above the expected 61.3 °C')
  })
  it('says that a channel was beside its usual value when it did not move there', () => {
    expect(say([channel('load', ramp(30.4, 30.4), -4)])).toContain('while load was below its usual 50 %')
    // It rose, but what counts is that it still is low.
    expect(say([channel('load', ramp(10, 40), -4)])).toContain('while load was below its usual 50 %')
    expect(say([channel('load', ramp(81, 81), -4)])).toContain('while load was above its usual 50 %')
  })
  it('says that a channel held where it neither moved nor was unusual', () => {
    expect(say([channel('valve', ramp(51, 51.2), -4, { unit: '', scale: 5 })])).toContain('while valve held at 51.1')
  })
  it('speaks of the past of the reading itself', () => {
    const own = { unit: 'celsius', usual: 62, scale: 3 }
    expect(say([channel('outlet temperature', ramp(64, 54), -4, own)])).toContain('°C although it had fallen')
    expect(say([channel('outlet temperature', ramp(62, 70), 4, own)], 57)).toContain('°C although it had risen')
    expect(say([channel('outlet temperature', ramp(58, 58), -4, own)])).toContain('it had been below its usual 62 °C')
    expect(say([channel('outlet temperature', ramp(62, 62), -4, own)])).toContain('although it had held at 62 °C')
  })
  it('prefers another channel to the past of the reading, which follows it', () => {
    const own = channel('outlet temperature', ramp(62, 50), -6, { unit: 'celsius', usual: 62, scale: 3 })
    expect(say([own, channel('load', ramp(50, 20), -2)])).toContain('°C while load fell')
    expect(say([own, channel('load', ramp(50, 45), -0.5)])).toContain('°C although it had fallen')
  })
  it('passes over missing values', () => {
    const values = ramp(55, 20)
    values[0] = Number.NaN
    values[19] = Number.NaN
    expect(say([channel('load', values, -4)])).toContain('while load fell')
  })
  it('says when a reading is as expected', () => {
    expect(say([channel('load', ramp(55, 20), -4)], 61.32)).toBe('outlet temperature 61.32 °C, as expected')
    expect(say([], 61.31)).toBe('outlet temperature 61.31 °C, as expected')
  })
  it('gives numbers the digits that the difference is worth', () => {
    const at = (observed: number, expected: number, unit = 'bar', scale = 1e-3): string =>
      explanationSentence({ subject: { name: 'p', unit, scale }, observed, expected, channels: [] })
    expect(at(1013.237, 1013.251)).toBe('p 0.014 bar below the expected 1013.251 bar')
    expect(at(1840.4, 1250.2, 'kPa')).toBe('p 590 kPa above the expected 1250 kPa')
    expect(at(-3.21, 2.5, '')).toBe('p 5.7 below the expected 2.5')
    expect(at(3, -3e9, 'Pa')).toBe('p 3.00e+9 Pa above the expected -3.00e+9 Pa')
    expect(at(0.00125, 0.001, 'm/s', 1e-6)).toBe('p 0.00025 m/s above the expected 0.001 m/s')
  })
  it('refuses a reading that is no number', () => {
    expect(() => say([], Number.NaN)).toThrow('a sentence needs a reading')
  })
})
