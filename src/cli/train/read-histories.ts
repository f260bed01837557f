import { createHash } from 'node:crypto'
import { OperatingError } from '../../base/errors.ts'
import { cleanHistories, type HistoryOptions, type SensorReadings } from '../../train/data/build-history.ts'
import type { History } from '../../train/data/history.ts'
import { rowsBefore } from '../../train/data/prepare.ts'
import type { TrainingPlan } from '../../train/plan.ts'
import { composeReplay } from '../replay/compose.ts'
import type { ReplayPlan } from '../replay/plan.ts'
import { Progress } from '../replay/progress.ts'
import type { SignalWatch } from '../until-signal.ts'
import { leftOutText, type ReadInput } from './left-out.ts'
import { ReadingSink } from './reading-sink.ts'

/** What was read to learn from. */
export interface ReadHistories extends ReadInput {
  readonly histories: readonly History[]
  /** Readings in alarm under the base model. */
  readonly inAlarm: number
  /** The same from the readings up to a moment only, with another training part, as a fold has it. */
  upTo(endMs: number, fitShare: number): readonly History[]
  /** SHA-256 over channels, times and values: the card says what a model was made of. */
  readonly fingerprint: string
}

/** How histories are made of the input. */
export interface ReadPlan extends Pick<HistoryOptions, 'as' | 'asset' | 'context' | 'fitShare' | 'cut'> {
  readonly replay: ReplayPlan
  readonly data: TrainingPlan['data']
  readonly json: boolean
}

/**
 * Reads the input through the live pipeline and gathers what can be learned from; null when a signal ended it.
 *
 * Errors: `ConfigurationError`, `OperatingError` as a replay; `read` when nothing is left to learn from.
 */
export async function readHistories(plan: ReadPlan, signal: SignalWatch): Promise<ReadHistories | null> {
  const sink = new ReadingSink({
    skipAlarms: plan.data.skipAlarms,
    onlyKnown: Object.keys(plan.replay.learn).length > 0,
  })
  const progress = plan.json ? undefined : new Progress(process.stderr, () => performance.now())
  const { engine, tally, broken } = await composeReplay(plan.replay, [sink], progress, plan.json)
  try {
    await engine.start()
    const heard = await Promise.race([engine.finished.then(() => false), signal.heard.then(() => true), broken])
    await engine.stop()
    if (heard) return null
  } catch (error) {
    await engine.stop()
    throw error
  } finally {
    progress?.end()
  }
  const readings = sink.readings()
  const mute = sink.mute()
  const files = plan.replay.source.paths
  if (readings.length === 0) {
    process.stderr.write(leftOutText({ tally, files, absurd: 0, mute }))
    const fix = 'mend what was left out, or name other columns with --time and --ignore'
    throw new OperatingError('read', `no good reading in ${files.join(', ')}: ${fix}`)
  }
  const { as, asset, context, fitShare, cut, data } = plan
  const options = { ...data, as, asset, context, fitShare, cut }
  const calendar = plan.replay.calendar.parts
  const inCalendar = (made: readonly History[]): History[] => made.map((one) => ({ ...one, calendar }))
  const clean = cleanHistories(readings, options)
  const histories = inCalendar(clean.histories)
  const { absurd } = clean
  const upTo = (endMs: number, share: number): readonly History[] => {
    const until = readings.map((one) => readingsUntil(one, endMs))
    return inCalendar(cleanHistories(until, { ...options, fitShare: share }).histories)
  }
  return { histories, tally, files, absurd, mute, upTo, inAlarm: sink.inAlarm, fingerprint: fingerprintOf(histories) }
}

function readingsUntil({ sensor, timeMs, value }: SensorReadings, endMs: number): SensorReadings {
  const rows = rowsBefore(timeMs, endMs + 1)
  return { sensor, timeMs: Array.from(timeMs).slice(0, rows), value: Array.from(value).slice(0, rows) }
}

/** SHA-256 over what histories hold, in hexadecimal. */
export function fingerprintOf(histories: readonly History[]): string {
  const hash = createHash('sha256')
  for (const { name, channels, context, timeMs, values } of histories) {
    hash.update(JSON.stringify([name, channels, context, timeMs.length]))
    hash.update(bytesOf(timeMs)).update(bytesOf(values))
  }
  return hash.digest('hex')
}

function bytesOf({ buffer, byteOffset, byteLength }: Float64Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength)
}
