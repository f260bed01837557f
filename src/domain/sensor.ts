import { assert } from '../base/assert.ts'
import { type CivilCalendar, utcCalendar } from '../base/civil-calendar.ts'
import { limits } from '../base/limits.ts'
import type { Priority } from './alarm.ts'

/** When a level that stays is taken as normal: after so many readings, or so many ms of event time; Infinity: never. */
export interface Acceptance {
  readonly rows: number
  readonly ms: number
}

/** Alarm settings of a sensor; times in ms of event time. */
export interface AlarmSettings {
  readonly direction: 'high' | 'low' | 'both'
  readonly delayOnMs: number
  readonly delayOffMs: number
  /** Without it: after 1,000 readings where novelty judges, and as the limits follow where they do. */
  readonly acceptAfter?: Acceptance | undefined
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
  /** Local time, holidays and shifts of its place: what its days and weeks are. */
  readonly calendar: CivilCalendar
  /** The asset whose joint score this sensor is a channel of: it raises the process alarms, not the sensor. */
  readonly channelOf: string | null
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
    calendar: utcCalendar,
    channelOf: null,
  }
}

/** An asset that is scored as one: several channels of one machine, with one joint score. Times in ms of event time. */
export interface AssetSpec {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  /** Ticks are whole multiples of it; 0: those of equal times, or, where channels report at their own times, learned. */
  readonly periodMs: number
  /** How old a channel's last reading may be before it is masked, on a grid of ticks; 0: three periods. */
  readonly maxAgeMs: number
  /** How long a tick waits for channels that report late: until the newest event time of any channel is this much past it. */
  readonly latenessMs: number
  /** Ticks that it learns from before it is scored, where nothing was said of its history. */
  readonly warmupTicks: number
  /** Whether what is normal follows slow change; the drift alarm tells of it in any case. */
  readonly tracks: boolean
  readonly priority: Priority
  readonly sensitivity: Sensitivity
  readonly alarm: Omit<AlarmSettings, 'direction' | 'acceptAfter'>
}

/** An asset with every default. */
export function defaultAsset(name: string): AssetSpec {
  const { labels, priority, sensitivity } = defaultSpec(name)
  return {
    name,
    labels,
    periodMs: 0,
    maxAgeMs: 0,
    latenessMs: 0,
    warmupTicks: 500,
    tracks: false,
    priority,
    sensitivity,
    alarm: { delayOnMs: 0, delayOffMs: 0 },
  }
}

/** What an asset is in the places where sensors are: its id is its name. */
function subjectOf({ name, labels, priority, sensitivity, alarm }: AssetSpec): SensorSpec {
  const settings: AlarmSettings = { direction: 'both', ...alarm }
  return { ...defaultSpec(name, labels), asset: name, priority, sensitivity, alarm: settings }
}

/** What begins the key of an asset: no sensor's id may begin so, hence a sensor may be called as its asset is. */
const assetMark = '\0'

/** Makes the spec of a sensor met for the first time; `labels` come from the source (topic levels, tags). */
export type SpecResolver = (id: string, labels: Readonly<Record<string, string>>) => SensorSpec

/** Why an id was not interned: the process is full, or the id is empty or too long. */
export const refused = { full: -1, badId: -2 } as const

const noLabels: Readonly<Record<string, string>> = Object.freeze({})

/**
 * Interns sensor ids to integer slots, once, at the edge. Slots never leave the process.
 *
 * Assets that are scored as one have the first slots, beside the sensors that `capacity` counts, and keys that no sensor's id
 * can be: their name behind a NUL.
 * Errors: `intern` answers `refused.full` beyond the limit and `refused.badId` for an empty id, one of more than 256 bytes,
 * or the key of an asset that is not there; it never throws. A removed slot is reused by the next new sensor; an asset's stays.
 */
export class SensorCatalog {
  readonly capacity: number
  readonly #slots = new Map<string, number>()
  readonly #specs: (SensorSpec | undefined)[] = []
  readonly #free: number[] = []
  readonly #resolve: SpecResolver

  /** In the order of their slots, from 0. */
  readonly assets: readonly AssetSpec[]

  constructor(capacity: number, resolve: SpecResolver = defaultSpec, assets: readonly AssetSpec[] = []) {
    this.capacity = capacity + assets.length
    this.#resolve = resolve
    this.assets = assets
    for (const [slot, asset] of assets.entries()) {
      this.#slots.set(assetMark + asset.name, slot)
      this.#specs.push(subjectOf(asset))
    }
  }

  /** Sensors, without the assets. */
  get size(): number {
    return this.#slots.size - this.assets.length
  }

  isAsset(slot: number): boolean {
    return slot < this.assets.length
  }

  /** What the slot is called where assets and sensors are kept together, such as in a state: the id, or the asset's key. */
  key(slot: number): string {
    const { id } = this.spec(slot)
    return this.isAsset(slot) ? assetMark + id : id
  }

  /** Highest slot ever used, plus one: the bound for loops over slots. */
  get slotCount(): number {
    return this.#specs.length
  }

  /** The slot of an id or key, making one for a new sensor; negative when refused. */
  intern(id: string, labels: Readonly<Record<string, string>> = noLabels): number {
    const known = this.#slots.get(id)
    if (known !== undefined) return known
    if (
      id === '' ||
      id.startsWith(assetMark) ||
      (id.length * 3 > limits.sensorIdBytesMax && Buffer.byteLength(id) > limits.sensorIdBytesMax)
    ) {
      return refused.badId
    }
    const slot = this.#free.pop() ?? this.#specs.length
    if (slot >= this.capacity) return refused.full
    this.#slots.set(id, slot)
    this.#specs[slot] = this.#resolve(id, labels)
    return slot
  }

  /** The slot of a sensor of this id, else of an asset of this name. */
  find(id: string): number | undefined {
    return this.#slots.get(id) ?? this.#slots.get(assetMark + id)
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

  /** Forgets a sensor and frees its slot; the pipeline clears the slot's columns. An asset keeps its own. */
  remove(id: string): { readonly slot: number; readonly key: string } | undefined {
    const slot = this.find(id)
    if (slot === undefined) return undefined
    const key = this.key(slot)
    if (!this.isAsset(slot)) {
      this.#slots.delete(id)
      this.#specs[slot] = undefined
      this.#free.push(slot)
    }
    return { slot, key }
  }

  /** Live ids in slot order. */
  *ids(): IterableIterator<[id: string, slot: number]> {
    for (let slot = 0; slot < this.#specs.length; slot++) {
      const spec = this.#specs[slot]
      if (spec !== undefined) yield [spec.id, slot]
    }
  }
}
