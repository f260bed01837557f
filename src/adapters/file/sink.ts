import { assert } from '../../base/assert.ts'
import type { AlarmTransition } from '../../domain/alarm.ts'
import type { OutcomeFrame } from '../../domain/outcome.ts'
import { toSinkSettings } from '../../ports/options.ts'
import type { Sink, SinkContext, SinkSettings } from '../../ports/sink.ts'
import type { FileSinkOptions } from './options.ts'
import { OutputFile } from './output-file.ts'
import { type RowText, rowTextOf } from './row-text.ts'

interface Output {
  readonly file: OutputFile
  readonly text: RowText
}

/** What the files are for: a live plant, or one replay, whose rows are those of assets or are not. */
export type FilePurpose = 'live' | 'replay' | 'replay of assets'

function outputOf(
  path: string | undefined,
  kind: 'scores' | 'alarms',
  options: FileSinkOptions,
  purpose: FilePurpose,
): Output | undefined {
  if (path === undefined) return undefined
  const text = rowTextOf(path, purpose === 'replay of assets' ? 'assets' : 'sensors')
  assert(text !== undefined, `no form for ${path}`)
  const header = kind === 'scores' ? text.scoreHeader : text.alarmHeader
  return { text, file: new OutputFile({ path, header, truncate: purpose !== 'live', sync: options.sync }) }
}

/**
 * Scores and alarms in files, one line each, in the order of the readings.
 *
 * The same readings give the same bytes. Live the files are continued over restarts without repeating a
 * line; a replay begins anew and, having no arrival, writes the event time as the time of detection.
 */
export class FileSink implements Sink {
  readonly name: string
  readonly settings: SinkSettings
  readonly #scores: Output | undefined
  readonly #alarms: Output | undefined
  readonly #anew: boolean
  #context: SinkContext | undefined

  constructor(name: string, options: FileSinkOptions, purpose: FilePurpose = 'live') {
    const anew = purpose !== 'live'
    this.name = name
    this.settings = toSinkSettings(
      options,
      options.scores === undefined ? 'none' : anew ? 'every' : options.rows,
      options.alarms !== undefined,
    )
    this.#anew = anew
    this.#scores = outputOf(options.scores, 'scores', options, purpose)
    this.#alarms = outputOf(options.alarms, 'alarms', options, purpose)
  }

  async open(context: SinkContext): Promise<void> {
    this.#context = context
    await this.#scores?.file.open()
    await this.#alarms?.file.open()
  }

  async writeScores(scores: OutcomeFrame): Promise<void> {
    const { catalog, plant } = this.#opened()
    await this.#scores?.file.append(this.#scores.text.scores(scores, catalog, plant))
  }

  async writeAlarms(transitions: readonly AlarmTransition[]): Promise<void> {
    const { catalog, plant } = this.#opened()
    const told = this.#anew ? transitions.map(atEventTime) : transitions
    await this.#alarms?.file.append(this.#alarms.text.alarms(told, catalog, plant))
  }

  async close(): Promise<void> {
    await this.#scores?.file.close()
    await this.#alarms?.file.close()
  }

  #opened(): SinkContext {
    assert(this.#context !== undefined, 'a sink is opened before it is written to')
    return this.#context
  }
}

function atEventTime(transition: AlarmTransition): AlarmTransition {
  return { ...transition, alarm: { ...transition.alarm, detectedTime: transition.alarm.eventTime } }
}
