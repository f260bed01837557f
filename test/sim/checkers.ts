import type { AlarmTransition } from '../../src/domain/alarm.ts'
import type { Receiver } from './outside.ts'

/** What an undisturbed process says. */
export interface CalmRun {
  /** Score rows by `sensor time`. */
  readonly table: ReadonlyMap<string, string>
  readonly transitions: readonly AlarmTransition[]
}

/** What a receiver may rely on, as text: all but the arrival stamp of the reading, which a copy has anew. */
function transitionText({ alarm, ...rest }: AlarmTransition): string {
  return JSON.stringify({ ...rest, alarm: { ...alarm, detectedTime: 0 } })
}

/** The ids in the order of their first delivery, by sensor. */
function firstDeliveries(transitions: readonly AlarmTransition[]): Map<string, string[]> {
  const bySensor = new Map<string, string[]>()
  const seen = new Set<string>()
  for (const { transitionId, alarm } of transitions) {
    if (seen.has(transitionId)) continue
    seen.add(transitionId)
    bySensor.set(alarm.sensor, [...(bySensor.get(alarm.sensor) ?? []), transitionId])
  }
  return bySensor
}

/** Everything in which a world ended otherwise than an undisturbed process; nothing where the program kept its word. */
export function judge(calm: CalmRun, receiver: Receiver, isDrained: boolean, failures: readonly string[]): string[] {
  const violations = [...failures]
  if (!isDrained) violations.push('the lag did not drain after the trouble was over')
  for (const key of receiver.changed) violations.push(`${key} was written twice, with different rows`)
  for (const [key, row] of calm.table) {
    const found = receiver.table.get(key)
    if (found === undefined) violations.push(`${key} has no score`)
    else if (found !== row) violations.push(`${key} has another score than in the calm run`)
  }
  for (const key of receiver.table.keys()) if (!calm.table.has(key)) violations.push(`${key} is a row that nobody sent`)
  return [...violations, ...alarmViolations(calm.transitions, receiver.transitions)]
}

function alarmViolations(expected: readonly AlarmTransition[], received: readonly AlarmTransition[]): string[] {
  const texts = new Map(expected.map((transition) => [transition.transitionId, transitionText(transition)]))
  const violations: string[] = []
  for (const transition of received) {
    const text = texts.get(transition.transitionId)
    if (text === undefined) violations.push(`an alarm that the calm run does not know: ${transitionText(transition)}`)
    else if (text !== transitionText(transition))
      violations.push(`an alarm with other words: ${transitionText(transition)}`)
  }
  const found = firstDeliveries(received)
  for (const [sensor, ids] of firstDeliveries(expected)) {
    const got = found.get(sensor) ?? []
    if (got.join() !== ids.join()) violations.push(`alarms of ${sensor}: ${got.join()} in place of ${ids.join()}`)
  }
  return violations
}
