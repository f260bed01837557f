import { assert } from '../../base/assert.ts'
import { messageOf, OperatingError } from '../../base/errors.ts'
import { scoreMessage } from '../../codec/score-message.ts'
import type { AlarmTransition } from '../../domain/alarm.ts'
import type { OutcomeFrame } from '../../domain/outcome.ts'
import type { Sink, SinkContext, SinkSettings } from '../../ports/sink.ts'
import type { ConsoleOptions } from './options.ts'
import { alarmLine, type Palette, paletteOf, scoreLine } from './text.ts'

/** The output that lines go to; standard output in the process, anything in tests. */
export interface Output {
  readonly isTTY?: boolean
  write(text: string, done: (error?: Error | null) => void): boolean
}

/** Prints alarm transitions, and scores when asked for, one line each. A retry may print a line twice. */
export class ConsoleSink implements Sink {
  readonly name: string
  readonly settings: SinkSettings
  readonly #form: ConsoleOptions['form']
  readonly #output: Output
  readonly #palette: Palette
  #context: SinkContext | undefined

  constructor(name: string, options: ConsoleOptions, output: Output = process.stdout) {
    this.name = name
    this.settings = {
      scores: options.scores,
      alarms: options.alarms,
      policy: 'drop',
      batchReadings: 1_000,
      batchMs: 100,
      retryInitialMs: 200,
      retryMaxMs: 30_000,
      spillBytes: 0,
    }
    this.#form = options.form
    this.#output = output
    this.#palette = paletteOf(output.isTTY === true, process.env)
  }

  async open(context: SinkContext): Promise<void> {
    this.#context = context
  }

  async writeScores(scores: OutcomeFrame): Promise<void> {
    assert(this.#context !== undefined, 'the sink is not open')
    const { catalog, plant } = this.#context
    let text = ''
    for (let row = 0; row < scores.count; row++) {
      const slot = scores.slot[row]!
      if (!catalog.has(slot)) continue
      text +=
        this.#form === 'json'
          ? `${scoreMessage(scores, row, catalog, plant)}\n`
          : scoreLine(scores, row, catalog.spec(slot).id, this.#palette)
    }
    await this.#print(text)
  }

  async writeAlarms(transitions: readonly AlarmTransition[]): Promise<void> {
    const lines = transitions.map((transition) =>
      this.#form === 'json' ? `${JSON.stringify(transition.alarm)}\n` : alarmLine(transition, this.#palette),
    )
    await this.#print(lines.join(''))
  }

  async close(): Promise<void> {}

  #print(text: string): Promise<void> {
    if (text === '') return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#output.write(text, (error) => {
        if (error == null) resolve()
        else reject(new OperatingError('write', `standard output: ${messageOf(error)}`, { cause: error }))
      })
    })
  }
}
