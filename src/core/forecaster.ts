import type { CivilCalendar } from '../base/civil-calendar.ts'
import { OperatingError } from '../base/errors.ts'
import { fnv64 } from '../base/hash.ts'
import { utc } from '../base/time-zone.ts'
import type { SensorCatalog } from '../domain/sensor.ts'
import { architectureToJson } from '../model/architecture.ts'
import { type CalendarCycle, calendarMisfit, writeCalendar } from '../model/calendar.ts'
import { createKernel, type KernelName } from '../model/create-kernel.ts'
import { headOf } from '../model/head.ts'
import type { Kernel } from '../model/kernel.ts'
import {
  addCorrection,
  type LinearPart,
  linearForecast,
  linearMemorySize,
  linearWidth,
  rememberInputs,
  usesNetwork,
  writeFeatures,
} from '../model/linear.ts'
import type { Calibration, Model, Scale } from '../model/model.ts'
import { rowMisfit } from '../model/row-misfit.ts'
import { adaptForecast, shownValue } from './adapt.ts'
import { type Arena, traceTicks } from './arena.ts'
import { C, rowWidth } from './columns.ts'
import { ContextLinks, endWaiting, type ReadyTick, waits, waitTick } from './context.ts'
import { keepForecast } from './residual.ts'
import { contextScale, forecastOf } from './sensor-forecast.ts'
import { keepInputs, traceOf } from './trace.ts'

/** Models of single sensors, by id; other sensors are forecast by the pipeline's general model. */
export type OwnModels = ReadonlyMap<string, Model>

/** A network with what it needs to forecast: the general one with a row a slot, or a sensor's own with one row. */
interface Member {
  readonly model: Model
  readonly kernel: Kernel
  /** Equal where one network can go on with the other's state. */
  readonly shape: string
  readonly horizons: number
  /** Where in an output row the forecasts begin: a head may give more for each horizon than what it expects. */
  readonly forecastAt: number
  readonly isLevel: boolean
  readonly calendar: readonly CalendarCycle[]
  readonly timeZone: string
  readonly inputClip: number
  /** The linear model that the network corrects, and room for its features and for what both say; null: the network alone. */
  readonly linear: { readonly part: LinearPart; readonly features: Float64Array; readonly said: Float32Array } | null
  /** False where the linear model is enough: its network is never run. */
  readonly steps: boolean
  /** What explains the sensor: columns, their scales, how old a value may be. */
  readonly context: readonly string[]
  readonly contextScales: readonly Scale[]
  readonly contextMaxAgeMs: number
  /** One row in and out, for the network of a single sensor. */
  readonly x: Float32Array
  readonly y: Float32Array
}

/** The networks of a pipeline: which of them forecasts a slot, its step, and its state. */
export class Forecaster {
  /** What a checkpoint must agree with. */
  readonly modelName: string
  /** The largest number of values that any of the networks forecasts. */
  readonly horizonsMost: number
  /** The largest number of inputs that any of them takes. */
  readonly inputsMost: number
  readonly memoryMost: number
  readonly contextMost: number
  /** Who explains whom; null where no model reads context. */
  readonly links: ContextLinks | null
  readonly #ready: ReadyTick
  readonly #general: Member
  readonly #own: ReadonlyMap<string, Member>
  readonly #catalog: SensorCatalog
  /** By slot; undefined: not looked up yet. */
  readonly #members: (Member | undefined)[] = []
  readonly #firstRow = Int32Array.of(0)
  #slots = new Int32Array(0)
  #inputs = new Float32Array(0)
  #outputs = new Float32Array(0)
  #scaled = new Float64Array(0)
  #count = 0

  /** Errors: `OperatingError('model')` naming a model that does not forecast one sensor. */
  constructor(model: Model, own: OwnModels, catalog: SensorCatalog, kernel: KernelName | undefined) {
    this.#catalog = catalog
    this.#general = memberOf(model, catalog.capacity, kernel)
    this.#own = new Map([...own].map(([sensor, one]) => [sensor, memberOf(one, 1, kernel)]))
    const members = [this.#general, ...this.#own.values()]
    this.horizonsMost = Math.max(...members.map(({ horizons }) => horizons))
    this.inputsMost = Math.max(...members.map(({ kernel: { inputSize } }) => inputSize))
    this.memoryMost = Math.max(...members.map(({ linear }) => (linear === null ? 0 : linearMemorySize(linear.part))))
    this.contextMost = Math.max(...members.map(({ context }) => context.length))
    this.links = this.contextMost === 0 ? null : new ContextLinks(catalog, (slot) => this.#contextNames(slot))
    this.#ready = { v: 0, timeMs: 0, context: new Float64Array(this.contextMost) }
    this.modelName = nameOf(model, own)
  }

  /** Ids of the sensors that explain a slot: as its specification names them, else as its model does. */
  #contextNames(slot: number): readonly string[] {
    const { context, model } = this.#memberOf(slot)
    const { id, isInput, context: named } = this.#catalog.spec(slot)
    // What explains others is not explained itself.
    if (isInput || (named.length === 0 && context.includes(id))) return []
    if (context.length === 0 || named.length === 0) return context
    if (named.length === context.length) return named
    const detail = `${id}: its model ${model.name} reads the context ${context.join(', ')}; its configuration names ${named.length} (${named.join(', ')})`
    throw new OperatingError('model', detail)
  }

  /** What the model that a slot has knows of its normal errors; undefined where the sensor has to learn them. */
  calibration(slot: number): Calibration | undefined {
    return this.#memberOf(slot).model.calibrations.get(this.#catalog.spec(slot).id)
  }

  /** The kernel of the general model. */
  get kernel(): Kernel {
    return this.#general.kernel
  }

  horizons(slot: number): number {
    return this.#memberOf(slot).horizons
  }

  /** The scale that a slot's model was trained with for it. */
  declaredScale(slot: number): Scale | undefined {
    return this.#memberOf(slot).model.scaler?.scales.get(this.#catalog.spec(slot).id)
  }

  /** Whether the slot's network here can go on with its state under `other`: modules, inputs and forecasts are the same. */
  sameShape(slot: number, other: Forecaster): boolean {
    const [here, there] = [this.#memberOf(slot), other.#memberOf(slot)]
    return here.kernel.name === there.kernel.name && here.shape === there.shape
  }

  /** Bytes of the slot's hidden state, where they lie. */
  stateBytes(slot: number): Uint8Array {
    const member = this.#memberOf(slot)
    const { state, stateSize } = member.kernel
    const row = member === this.#general ? slot : 0
    return new Uint8Array(state.buffer, state.byteOffset + row * stateSize * 4, stateSize * 4)
  }

  /** Forgets which model a freed slot had: the next sensor of that slot is another one. */
  forget(slot: number): void {
    this.#members[slot] = undefined
    this.links?.forget()
  }

  /** Why states of the kernel `writtenBy` cannot be taken over; null where they can. */
  misfit(writtenBy: string): string | null {
    for (const { model, kernel } of [this.#general, ...this.#own.values()]) {
      const why = rowMisfit(model, kernel, writtenBy)
      if (why !== null) return why
    }
    return null
  }

  /** Makes room for so many readings of one wave. */
  reserve(rows: number): void {
    if (this.#slots.length >= rows) return
    const members = [this.#general, ...this.#own.values()]
    const most = (size: (kernel: Kernel) => number): number => Math.max(...members.map(({ kernel }) => size(kernel)))
    this.#slots = new Int32Array(rows)
    this.#scaled = new Float64Array(rows)
    this.#inputs = new Float32Array(rows * most((kernel) => kernel.inputSize))
    this.#outputs = new Float32Array(rows * most((kernel) => kernel.outputSize))
  }

  /**
   * Takes a scaled reading. Where context explains the sensor the tick waits for `complete`, because context of its own time
   * may come after it; else it enters its network.
   */
  take(arena: Arena, slot: number, v: number, timeMs: number): void {
    const member = this.#memberOf(slot)
    if (member.context.length > 0) waitTick(arena, slot, v, timeMs, this.links!.contextsOf(slot))
    else this.#enter(arena, slot, member, v, timeMs)
  }

  /** Lets the tick that waits, if there is one, enter its network: the sensor's next reading has come. */
  complete(arena: Arena, slot: number): void {
    if (!waits(arena, slot)) return
    const member = this.#memberOf(slot)
    endWaiting(arena, slot, this.links!.contextsOf(slot), member.contextMaxAgeMs, this.#ready)
    this.#enter(arena, slot, member, this.#ready.v, this.#ready.timeMs)
  }

  /** A sensor's own network steps at once, those of the general one wait for `step`. */
  #enter(arena: Arena, slot: number, member: Member, v: number, timeMs: number): void {
    const isGeneral = member === this.#general && member.steps
    const at = isGeneral ? this.#count : 0
    const { inputSize } = member.kernel
    const x = isGeneral ? this.#inputs : member.x
    const civil = this.#calendarOf(slot, member)
    writeInputs(member, civil, shown(arena, slot, v), this.#ready.context, timeMs, x, at * inputSize)
    keepInputs(arena, slot, inputSize, x, at * inputSize)
    if (member.linear !== null) {
      rememberInputs(member.linear.part, arena.memories, slot * arena.memoryWidth, x, at * inputSize)
    }
    if (isGeneral) {
      this.#slots[at] = slot
      this.#scaled[at] = v
      this.#count++
      return
    }
    if (member.steps) member.kernel.step(this.#firstRow, 1, member.x, member.y)
    keep(arena, slot, member, v, member.y, member.forecastAt)
  }

  /** Steps the general network for all slots taken since the last time, and keeps what it forecasts. */
  step(arena: Arena): void {
    const { kernel, forecastAt } = this.#general
    const width = kernel.outputSize
    kernel.step(this.#slots, this.#count, this.#inputs, this.#outputs)
    for (let i = 0; i < this.#count; i++) {
      keep(arena, this.#slots[i]!, this.#general, this.#scaled[i]!, this.#outputs, i * width + forecastAt)
    }
    this.#count = 0
  }

  /** The model that forecasts a slot. */
  model(slot: number): Model {
    return this.#memberOf(slot).model
  }

  /** (T,I) of the last ticks that the slot's network saw, oldest first; NaN before the first. */
  trace(arena: Arena, slot: number): Float32Array {
    const { inputSize } = this.#memberOf(slot).kernel
    return traceOf(arena, slot, inputSize)
  }

  /**
   * (T,I) of what the slot's network would see of readings; NaN before the first. Units: scaled values, ms.
   *
   * What context was is known of the newest ticks only: the trace has it where the readings end with the last of them; else
   * it is missing (NaN).
   */
  inputs(arena: Arena, slot: number, values: ArrayLike<number>, timeMs: ArrayLike<number>): Float32Array {
    const member = this.#memberOf(slot)
    const { inputSize } = member.kernel
    if (member.context.length > 0) {
      const trace = traceOf(arena, slot, inputSize)
      const last = Math.fround(clipped(shown(arena, slot, values[values.length - 1] ?? Number.NaN), member.inputClip))
      if (trace[trace.length - inputSize] === last) return trace
      this.#ready.context.fill(Number.NaN)
    }
    const window = new Float32Array(traceTicks * inputSize).fill(Number.NaN)
    const civil = this.#calendarOf(slot, member)
    const from = Math.max(0, values.length - traceTicks)
    const first = traceTicks - (values.length - from)
    for (let row = from; row < values.length; row++) {
      const at = (first + row - from) * inputSize
      writeInputs(member, civil, shown(arena, slot, values[row]!), this.#ready.context, timeMs[row]!, window, at)
    }
    return window
  }

  /** The calendar that the slot's network is told. Errors: `OperatingError('model')` where it learned another one. */
  #calendarOf(slot: number, { model, calendar, timeZone }: Member): CivilCalendar {
    const { id, calendar: civil } = this.#catalog.spec(slot)
    const why = calendar.length === 0 ? null : calendarMisfit(calendar, timeZone, civil.parts)
    if (why === null) return civil
    throw new OperatingError('model', `${model.name} cannot forecast ${id}: ${why}`)
  }

  #memberOf(slot: number): Member {
    if (this.#own.size === 0) return this.#general
    let member = this.#members[slot]
    if (member === undefined) {
      member = this.#own.get(this.#catalog.spec(slot).id) ?? this.#general
      this.#members[slot] = member
    }
    return member
  }
}

/** What the network is shown of a scaled reading, where its sensor adapts. */
function shown({ f }: Arena, slot: number, v: number): number {
  const at = slot * rowWidth
  return f[at + C.adapts] === 0 ? v : shownValue(f, at, v)
}

function clipped(v: number, most: number): number {
  return v > most ? most : v < -most ? -most : v
}

/** The value, its context and its calendar; a context that is missing is 0, its mean. `context`: engineering units. */
function writeInputs(
  { inputClip, calendar, contextScales }: Member,
  civil: CivilCalendar,
  v: number,
  context: Float64Array,
  timeMs: number,
  x: Float32Array,
  at: number,
): void {
  x[at] = clipped(v, inputClip)
  for (let k = 0; k < contextScales.length; k++) {
    const { center, scale } = contextScales[k]!
    const scaled = (context[k]! - center) / scale
    x[at + 1 + k] = Number.isNaN(scaled) ? 0 : clipped(scaled, inputClip)
  }
  writeCalendar(calendar, civil, timeMs, x, at + 1 + contextScales.length)
}

/** Keeps what a network said of scaled reading `v`, with the sensor's own corrections where it has any. */
function keep(arena: Arena, slot: number, member: Member, v: number, y: Float32Array, yAt: number): void {
  const { linear, steps } = member
  if (linear === null) {
    keepSaid(arena, slot, member, v, y, yAt)
    return
  }
  const { part, features, said } = linear
  writeFeatures(part, arena.memories, slot * arena.memoryWidth, features)
  linearForecast(part, features, said, 0)
  if (steps) addCorrection(part, y, yAt, said, 0)
  keepSaid(arena, slot, member, v, said, 0)
}

function keepSaid(arena: Arena, slot: number, member: Member, v: number, y: Float32Array, yAt: number): void {
  const { horizons, isLevel } = member
  const at = slot * rowWidth
  if (arena.f[at + C.adapts] !== 0) adaptForecast(arena.f, at, y, yAt, horizons, isLevel)
  keepForecast(arena, slot, horizons, v, isLevel, y, yAt)
}

/** One fingerprint of the models of several sensors, whatever their order. */
export function setFingerprint(own: OwnModels): string {
  return fnv64([...own].map(([sensor, { fingerprint }]) => `${sensor} ${fingerprint}`).sort())
}

/** What a checkpoint calls these models: the same name, the same weights. */
export function nameOf(model: Model, own: OwnModels): string {
  const suffix = own.size === 0 ? '' : `+${own.size}-${setFingerprint(own)}`
  return `${model.name}-${model.fingerprint}${suffix}`
}

function shapeOf({ architecture, forecast, linear }: Model): string {
  const read = linear === null ? [] : [linear.lags, linear.contextLags, linear.averages, linear.context]
  return JSON.stringify([architectureToJson(architecture, 'computing'), forecast, ...read])
}

function memberOf(model: Model, slots: number, kernel: KernelName | undefined): Member {
  const { horizons, inputClip, target, calendar = [], context = [], ...forecast } = forecastOf(model)
  const { linear: part } = model
  const made = createKernel(model, slots, kernel === undefined ? {} : { kernel })
  const x = new Float32Array(made.inputSize)
  const y = new Float32Array(made.outputSize)
  return {
    model,
    kernel: made,
    shape: shapeOf(model),
    horizons,
    forecastAt: horizons * headOf(model.architecture).middle,
    isLevel: target === 'level',
    calendar,
    timeZone: forecast.timeZone ?? utc.name,
    inputClip,
    linear:
      part === null
        ? null
        : { part, features: new Float64Array(linearWidth(part)), said: new Float32Array(part.scale.length) },
    steps: part === null || usesNetwork(part),
    context,
    contextScales: context.map((name) => contextScale(model, name)),
    contextMaxAgeMs: forecast.contextMaxAgeMs ?? Infinity,
    x,
    y,
  }
}
