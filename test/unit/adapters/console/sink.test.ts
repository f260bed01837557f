import { describe, expect, it } from 'vitest'
import { consoleOptions } from '../../../../src/adapters/console/options.ts'
import { ConsoleSink, type Output } from '../../../../src/adapters/console/sink.ts'
import { paletteOf } from '../../../../src/adapters/console/text.ts'
import { sampleAlarm, sampleContext, sampleScores } from '../../../contract/sink-samples.ts'

class Screen implements Output {
  text = ''
  error: Error | undefined
  write(text: string, done: (error?: Error | null) => void): boolean {
    this.text += text
    done(this.error)
    return true
  }
}

async function open(options: Record<string, unknown> = {}) {
  const screen = new Screen()
  const context = sampleContext()
  const sink = new ConsoleSink('console', consoleOptions.parse({ type: 'console', ...options }), screen)
  await sink.open(context)
  return { screen, context, sink }
}

describe('the console sink', () => {
  it('says in one line when, what, how urgent, who, by how much, and why', async () => {
    const { screen, context, sink } = await open()
    await sink.writeAlarms([sampleAlarm(context, { sensor: 'pump/7/temp', priority: 'high' })])
    expect(screen.text).toBe(
      '2024-01-01T00:00:00.000Z  ALARM   high  pump/7/temp  score 0.90 value 93.5 expected 71.25 (69 to 73.5)  ' +
        'pump/7/temp is above its expected band\n',
    )
  })

  it('tells a return and an instrument fault from an alarm', async () => {
    const { screen, context, sink } = await open()
    await sink.writeAlarms([
      sampleAlarm(context, { sensor: 's', alarmClass: 'instrument' }),
      sampleAlarm(context, { sensor: 's', state: 'rtn_unack' }),
      sampleAlarm(context, { sensor: 's', state: 'shelved' }),
    ])
    expect(screen.text.split('\n').map((line) => line.split('  ')[1]?.trim())).toEqual([
      'FAULT',
      'RETURN',
      'SHELVED',
      undefined,
    ])
  })

  it('lets no sensor steer the terminal', async () => {
    const { screen, context, sink } = await open({ scores: 'all' })
    const sensor = 'evil\u001b[2J\u0007\nid'
    await sink.writeAlarms([sampleAlarm(context, { sensor })])
    await sink.writeScores(sampleScores(context, [{ sensor, value: 1 }]))
    expect(screen.text).not.toContain('\u001b')
    expect(screen.text.trimEnd().split('\n')).toHaveLength(2)
  })

  it('shows what was not scored as a dash, never as NaN', async () => {
    const { screen, context, sink } = await open({ scores: 'all' })
    await sink.writeScores(sampleScores(context, [{ sensor: 's' }]))
    expect(screen.text).toContain('value - expected - (- to -)')
  })

  it('writes one JSON object a line when asked', async () => {
    const { screen, context, sink } = await open({ form: 'json', scores: 'all' })
    await sink.writeAlarms([sampleAlarm(context, { sensor: 's' })])
    await sink.writeScores(sampleScores(context, [{ sensor: 's', value: 1 }]))
    const [alarm, score] = screen.text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(alarm).toMatchObject({ sensor: 's', state: 'unack', priority: 'medium' })
    expect(score).toMatchObject({ sensor: 's', value: 1, expected: null, quality: 'good' })
  })

  it('says write when nobody reads any more', async () => {
    const { screen, context, sink } = await open()
    screen.error = new Error('EPIPE')
    await expect(sink.writeAlarms([sampleAlarm(context, { sensor: 's' })])).rejects.toMatchObject({ code: 'write' })
  })
})

describe('paletteOf()', () => {
  it.each([
    ['a terminal', true, {}, true],
    ['a pipe', false, {}, false],
    ['NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['an empty NO_COLOR', true, { NO_COLOR: '' }, true],
    ['a dumb terminal', true, { TERM: 'dumb' }, false],
  ])('colours on %s: %s', (_what, isTerminal, env, colours) => {
    expect(paletteOf(isTerminal as boolean, env as NodeJS.ProcessEnv).alarm('x') !== 'x').toBe(colours)
  })
})
