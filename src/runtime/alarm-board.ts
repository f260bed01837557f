import { limits } from '../base/limits.ts'
import type { AlarmTransition } from '../domain/alarm.ts'

/** The newest transition of every occurrence, in memory, newest first: what alarm lists show. */
export class AlarmBoard {
  readonly #byId = new Map<string, AlarmTransition>()

  /** Takes transitions in order. */
  add(transitions: readonly AlarmTransition[]): void {
    for (const transition of transitions) {
      this.#byId.delete(transition.alarm.id)
      this.#byId.set(transition.alarm.id, transition)
    }
    for (const [id, transition] of this.#byId) {
      if (this.#byId.size <= limits.alarmBoard) break
      if (transition.alarm.state === 'normal') this.#byId.delete(id)
    }
  }

  /** The newest transition of an occurrence. */
  find(id: string): AlarmTransition | undefined {
    return this.#byId.get(id)
  }

  /** Newest change first; `active`: those that have not gone back to normal. */
  list(filter: { readonly active?: boolean; readonly sensor?: string }): AlarmTransition[] {
    const found: AlarmTransition[] = []
    for (const transition of this.#byId.values()) {
      if (filter.active === true && transition.alarm.state === 'normal') continue
      if (filter.sensor !== undefined && transition.alarm.sensor !== filter.sensor) continue
      found.push(transition)
    }
    return found.reverse()
  }

  /** The end of every standing occurrence of a sensor that is being removed: nobody else would ever end it. */
  endOf(sensor: string): AlarmTransition[] {
    return this.list({ active: true, sensor }).map(({ alarm, raisedTime }) => ({
      transitionId: `${alarm.id}-removed`,
      from: alarm.state,
      raisedTime,
      alarm: { ...alarm, state: 'normal', message: `${sensor}: the sensor was removed` },
    }))
  }

  /** Occurrences in state `unack`, by priority. */
  activeByPriority(): Record<string, number> {
    const counts: Record<string, number> = { low: 0, medium: 0, high: 0, critical: 0 }
    for (const { alarm } of this.#byId.values()) {
      if (alarm.state === 'unack') counts[alarm.priority] = (counts[alarm.priority] ?? 0) + 1
    }
    return counts
  }

  /** Transitions of occurrences that still stand: for receivers that forget (Alertmanager). */
  standing(): AlarmTransition[] {
    return [...this.#byId.values()].filter((transition) => transition.alarm.state === 'unack')
  }
}
