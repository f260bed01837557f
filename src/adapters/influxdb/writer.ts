import type { AlarmTransition } from '../../domain/alarm.ts'
import type { OutcomeFrame } from '../../domain/outcome.ts'
import type { SensorCatalog } from '../../domain/sensor.ts'

/** Writes points to one server. Errors: `OperatingError`; a part of a refused batch may have been taken. */
export interface InfluxdbWriter {
  scores(scores: OutcomeFrame, catalog: SensorCatalog, plant: string): Promise<void>
  alarms(transitions: readonly AlarmTransition[], catalog: SensorCatalog, plant: string): Promise<void>
  /** Tries the server without writing; resolves with what was seen. */
  check(): Promise<string>
  close(): void
}
