import type { Pipeline } from '../core/pipeline.ts'
import { OutcomeFrame } from '../domain/outcome.ts'
import type { SensorCatalog } from '../domain/sensor.ts'
import type { Log } from '../ports/log.ts'
import type { AlarmBoard } from './alarm-board.ts'
import type { Acceptance, AcceptedBy } from './api.ts'
import type { Outbox } from './outbox.ts'

/** The parts of an engine that an acceptance touches. */
export interface AcceptanceParts {
  readonly pipeline: Pipeline
  readonly catalog: SensorCatalog
  readonly board: AlarmBoard
  readonly outbox: Outbox
  readonly log: Log
  readonly nowMs: number
}

/** The drift alarm of an asset is about its name with this behind it. */
const driftSuffix = '/drift'

/**
 * Takes as normal what an alarm says is not, between two frames: what the sensor shows from the last reading before on.
 *
 * The transition that ends the alarm goes to the journal and says who, why and (in its `detectedTime`) when.
 */
export function acceptAlarm(parts: AcceptanceParts, id: string, { by, reason }: AcceptedBy): Acceptance {
  const { pipeline, catalog, board, outbox, log, nowMs } = parts
  const found = board.find(id)
  if (found === undefined) return 'unknown'
  const { sensor, class: alarmClass, asset, state } = found.alarm
  if (alarmClass === 'instrument') return 'instrument'
  if (state !== 'unack') return 'over'
  const isDrift = asset !== null && sensor === `${asset}${driftSuffix}` && catalog.find(sensor) === undefined
  const slot = catalog.find(isDrift ? asset : sensor)
  if (slot === undefined) return 'over'
  const out = new OutcomeFrame(0)
  const words = reason === '' ? `accepted by ${by}` : `accepted by ${by}: ${reason}`
  if (!pipeline.accept(slot, id, words, nowMs, out)) return 'over'
  outbox.add(out.transitions)
  log.info({ alarm: id, sensor, by, reason }, 'what an alarm tells is taken as normal')
  return out.transitions[0]!
}
