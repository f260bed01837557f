import { assert } from '../base/assert.ts'
import { limits } from '../base/limits.ts'
import type { Priority } from './alarm.ts'

/** Alarm settings of a sensor; times in ms of event time. */
export interface AlarmSettings {
  readonly direction: 'high' | 'low' | 'both'
  readonly delayOnMs: number
  readonly delayOffMs: number
}

/** Expected false-alarm budget in words. */
export type Sensitivity = 'low' | 'normal' | 'high'

/** What of a sensor's forecast may follow its normal readings while it is scored. */
export const adaptations = ['none', 'scale', 'readout', 'both'] as const
/** One of them. */
export type Adaptation = (typeof adaptations)[number]

/** A sensor (tag) as configuration describes it: unit, labels, limits, alarm settings. */
export interface SensorSpec {
  readonly id: string
  /** The asset named by the label `asset`, else null. */
  readonly asset: string | null
  readonly unit: string
  readonly labels: Readonly<Record<string, string>>
  /** Physical range in engineering units; a value outside is an instrument fault (`range`). */
  readonly low: number
  readonly high: number
  /** Largest credible change a second in engineering units, Infinity when unknown (`rate`). */
  readonly rateMax: number
  /** Silence in ms after which the sensor is `silent`; 0: learned from its own rhythm; Infinity: never. */
  readonly silentAfterMs: number
  /** Late readings within this many ms of the sensor's newest are refused as `late`; 0 by default. */
  readonly latenessMs: number
  readonly priority: Priority
  readonly alarm: AlarmSettings
  readonly sensitivity: Sensitivity
  /** `scale`: centre and unit; `readout`: a small correction of the head; `both`; `none`: nothing is learned but limits. */
  readonly adapt: Adaptation
  /** Ids of the sensors that explain it, in the order of its model's context columns; empty: those that the model names. */
  readonly context: readonly string[]
  /** It only explains others: its readings are checked, and never scored or found stuck or silent. */
  readonly isInput: boolean
}

/** A spec with every default, for a sensor that no rule mentions. */
export function defaultSpec(id: string, labels: Readonly<Record<string, string>> = {}): SensorSpec {
  return {
    id,
    asset: labels['asset'] ?? null,
    unit: '',
    labels,
    low: -Infinity,
    high: Infinity,
    rateMax: Infinity,
    silentAfterMs: 0,
    latenessMs: 0,
    priority: 'medium',
    alarm: { direction: 'both', delayOnMs: 0, delayOffMs: 0 },
    sensitivity: 'normal',
    adapt: 'none',
    context: [],
    isInput: false,
  }
}

/** Makes the spec of a sensor met for the first time; `labels` come from the source (topic levels, tags). */
export type SpecResolver = (id: string, labels: Readonly<Record<string, string>>) => SensorSpec

/** Why an id was not interned: the process is full, or the id is empty or too long. */
export const refused = { full: -1, badId: -2 } as const

const noLabels: Readonly<Record<string, string>> = Object.freeze({})

/**
 * Interns sensor ids to integer slots, once, at the edge. Slots never leave the process.
 *
 * Errors: `intern` answers `refused.full` beyond the limit and `refused.badId` for an empty id or one of more than
 * 256 bytes; it never throws. A removed slot is reused by the next new sensor.
 */
export class SensorCatalog {
  readonly capacity: number
  readonly #slots = new Map<string, number>()
  readonly #specs: (SensorSpec | undefined)[] = []
  readonly #free: number[] = []
  readonly #resolve: SpecResolver

  constructor(capacity: number, resolve: SpecResolver = defaultSpec) {
    this.capacity = capacity
    this.#resolve = resolve
  }

  get size(): number {
    return this.#slots.size
  }

  /** Highest slot ever used, plus one: the bound for loops over slots. */
  get slotCount(): number {
    return this.#specs.length
  }

  /** The slot of an id, making one for a new sensor; negative when refused. */
  intern(id: string, labels: Readonly<Record<string, string>> = noLabels): number {
    const known = this.#slots.get(id)
    if (known !== undefined) return known
    if (id === '' || (id.length * 3 > limits.sensorIdBytesMax && Buffer.byteLength(id) > limits.sensorIdBytesMax)) {
      return refused.badId
    }
    const slot = this.#free.pop() ?? this.#specs.length
    if (slot >= this.capacity) return refused.full
    this.#slots.set(id, slot)
    this.#specs[slot] = this.#resolve(id, labels)
    return slot
  }

  find(id: string): number | undefined {
    return this.#slots.get(id)
  }

  /** The spec of a live slot. */
  spec(slot: number): SensorSpec {
    const spec = this.#specs[slot]
    assert(spec !== undefined, `slot ${slot} has no sensor`)
    return spec
  }

  has(slot: number): boolean {
    return this.#specs[slot] !== undefined
  }

  /** Forgets a sensor and frees its slot; the pipeline clears the slot's columns. */
  remove(id: string): number | undefined {
    const slot = this.#slots.get(id)
    if (slot === undefined) return undefined
    this.#slots.delete(id)
    this.#specs[slot] = undefined
    this.#free.push(slot)
    return slot
  }

  /** Live ids in slot order. */
  *ids(): IterableIterator<[id: string, slot: number]> {
    for (let slot = 0; slot < this.#specs.length; slot++) {
      const spec = this.#specs[slot]
      if (spec !== undefined) yield [spec.id, slot]
    }
  }
}
