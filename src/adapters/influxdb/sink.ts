import { assert } from '../../base/assert.ts'
import type { AlarmTransition } from '../../domain/alarm.ts'
import type { OutcomeFrame } from '../../domain/outcome.ts'
import { toSinkSettings } from '../../ports/options.ts'
import type { Sink, SinkContext, SinkSettings } from '../../ports/sink.ts'
import { InfluxdbClient } from './client.ts'
import { LineWriter } from './line-writer.ts'
import type { InfluxdbOptions } from './options.ts'
import type { InfluxdbWriter } from './writer.ts'

/** Writes `residua_score` and `residua_alarm`; the same series and event time overwrite, so a repeat changes nothing. */
export class InfluxdbSink implements Sink {
  readonly name: string
  readonly settings: SinkSettings
  readonly #writer: InfluxdbWriter
  #context: SinkContext | undefined

  constructor(name: string, options: InfluxdbOptions) {
    this.name = name
    this.settings = toSinkSettings(options, options.scores, options.alarms)
    this.#writer = options.version === 1 ? new InfluxdbClient(options) : new LineWriter(options)
  }

  async open(context: SinkContext): Promise<void> {
    this.#context = context
  }

  async writeScores(scores: OutcomeFrame): Promise<void> {
    assert(this.#context !== undefined, 'the sink is not open')
    await this.#writer.scores(scores, this.#context.catalog, this.#context.plant)
  }

  async writeAlarms(transitions: readonly AlarmTransition[]): Promise<void> {
    assert(this.#context !== undefined, 'the sink is not open')
    await this.#writer.alarms(transitions, this.#context.catalog, this.#context.plant)
  }

  check(): Promise<string> {
    return this.#writer.check()
  }

  async close(): Promise<void> {
    this.#writer.close()
  }
}
