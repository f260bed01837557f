import type { SensorCatalog } from '../domain/sensor.ts'
import type { Arena } from './arena.ts'
import { heardDepth as depth, heldWidth, coupledColumns as place } from './coupled-columns.ts'

/** Takes a good reading into a sensor's memory of what it was lately. */
export function hear({ coupled, coupledWidth: width }: Arena, slot: number, timeMs: number, value: number): void {
  const at = slot * width
  const heard = coupled[at + place.heard]!
  const to = at + place.ring + 2 * (heard % depth)
  coupled[to] = timeMs
  coupled[to + 1] = value
  coupled[at + place.heard] = heard + 1
}

/** Keeps a tick until the sensor's next reading comes: until then the context of its time may still arrive. */
export function waitTick(arena: Arena, slot: number, v: number, timeMs: number, contexts: Int32Array): void {
  const { coupled, coupledWidth: width } = arena
  const at = slot * width
  coupled[at + place.waits] = 1
  coupled[at + place.v] = v
  coupled[at + place.timeMs] = timeMs
  for (let k = 0; k < contexts.length; k++) lookUp(arena, at, k, contexts[k]!, timeMs)
}

/** The newest remembered value of context `k` that is not newer than the tick takes the place of an older one. */
function lookUp({ coupled, coupledWidth: width }: Arena, at: number, k: number, context: number, timeMs: number): void {
  if (context < 0) return
  const from = context * width
  const count = Math.min(coupled[from + place.heard]!, depth)
  const held = at + place.held + heldWidth * k
  for (let i = 0; i < count; i++) {
    const one = from + place.ring + 2 * i
    const oneMs = coupled[one]!
    if (oneMs > timeMs || (coupled[held] === 1 && oneMs < coupled[held + 1]!)) continue
    coupled[held] = 1
    coupled[held + 1] = oneMs
    coupled[held + 2] = coupled[one + 1]!
  }
}

/** A tick whose time has come: the value, its time, and the context that belongs to it, NaN where it is too old. One object a forecaster. */
export interface ReadyTick {
  v: number
  timeMs: number
  readonly context: Float64Array
}

/** Whether a tick of the slot waits. */
export function waits({ coupled, coupledWidth: width }: Arena, slot: number): boolean {
  return coupled[slot * width + place.waits] === 1
}

/**
 * Ends the waiting of a tick: its context is the newest value of each column that is not newer than the tick, at most
 * `maxAgeMs` old. Columns without one are counted.
 */
export function endWaiting(arena: Arena, slot: number, contexts: Int32Array, maxAgeMs: number, out: ReadyTick): void {
  const { coupled, coupledWidth: width } = arena
  const at = slot * width
  out.v = coupled[at + place.v]!
  out.timeMs = coupled[at + place.timeMs]!
  coupled[at + place.waits] = 0
  for (let k = 0; k < contexts.length; k++) {
    lookUp(arena, at, k, contexts[k]!, out.timeMs)
    const held = at + place.held + heldWidth * k
    const isThere = coupled[held] === 1 && out.timeMs - coupled[held + 1]! <= maxAgeMs
    out.context[k] = isThere ? coupled[held + 2]! : Number.NaN
    if (!isThere) coupled[at + place.masked] = coupled[at + place.masked]! + 1
  }
}

/** How often a tick of the slot had no value of a context column that was young enough. */
export function maskedContext({ coupled, coupledWidth: width }: Arena, slot: number): number {
  return width === 0 ? 0 : coupled[slot * width + place.masked]!
}

const none = new Int32Array(0)

/** Which sensors explain which: slots by slot, looked up when they are first met. */
export class ContextLinks {
  readonly #catalog: SensorCatalog
  readonly #namesOf: (slot: number) => readonly string[]
  #contexts: (Int32Array | undefined)[] = []
  #dependents: number[][] = []

  /** `namesOf`: the ids of the sensors that explain a slot, in the order of its model's columns. */
  constructor(catalog: SensorCatalog, namesOf: (slot: number) => readonly string[]) {
    this.#catalog = catalog
    this.#namesOf = namesOf
  }

  /** Slots of what explains a slot, in the order of the columns; −1: a sensor that was never met. */
  contextsOf(slot: number): Int32Array {
    const known = this.#contexts[slot]
    if (known !== undefined && !known.includes(-1)) return known
    const names = this.#namesOf(slot)
    if (names.length === 0) {
      this.#contexts[slot] = none
      return none
    }
    const slots = Int32Array.from(names, (name) => this.#catalog.find(name) ?? -1)
    for (const context of slots) {
      if (context < 0) continue
      this.#dependents[context] ??= []
      if (!this.#dependents[context].includes(slot)) this.#dependents[context].push(slot)
    }
    this.#contexts[slot] = slots
    return slots
  }

  /** Slots that a slot explains, as far as they were met. */
  dependentsOf(slot: number): readonly number[] {
    return this.#dependents[slot] ?? []
  }

  /** Looks everything up again: a slot was freed. */
  forget(): void {
    this.#contexts = []
    this.#dependents = []
  }
}
