import { utcCalendar } from '../base/civil-calendar.ts'
import { ConfigurationError, OperatingError } from '../base/errors.ts'
import { utc } from '../base/time-zone.ts'
import { parseArchitecture } from '../model/architecture.ts'
import { calendarMisfit } from '../model/calendar.ts'
import { inputWidth, outputWidth } from '../model/graph.ts'
import { headOf } from '../model/head.ts'
import { usesNetwork } from '../model/linear.ts'
import type { Forecast, Model, ModelCard, Scale } from '../model/model.ts'
import type { History } from './data/history.ts'
import { inputCount, type Prepared, prepare, splitInTime } from './data/prepare.ts'
import { HistoryWindows } from './data/windows.ts'
import { fillWidths } from './fill-widths.ts'
import { initialModel } from './fit/initial-weights.ts'
import type { LearnerSettings } from './fit/own-learner.ts'
import { withWeights } from './fit/with-weights.ts'
import { correctedBy, gated } from './linear/corrected-model.ts'
import { linearSaid, type RidgePlan, ridgeOf } from './linear/fit-ridge.ts'
import { gatesOf } from './linear/gate.ts'
import { varyingContext } from './linear/varying-context.ts'
import { ridgePenalty, type TrainingPlan } from './plan.ts'

/** Everything that one training needs: the network at its start, the data cut and scaled, the windows. */
export interface Lesson {
  readonly plan: TrainingPlan
  readonly model: Model
  readonly prepared: readonly Prepared[]
  readonly train: HistoryWindows
  /** null where no part of the data validates. */
  readonly validation: HistoryWindows | null
  readonly settings: LearnerSettings
}

/**
 * Makes a training of histories: one network that sees each of them (many sensors share it, or there is only one).
 *
 * With `from` its network goes on to learn: architecture, inputs and target are its own, whatever the plan says.
 * Errors: `ConfigurationError` for a plan that does not fit; `OperatingError('read')` when the data give no window.
 */
export function makeLesson(histories: readonly History[], asked: TrainingPlan, from: Model | null): Lesson {
  const wanted = from === null ? asked : { ...asked, data: { ...asked.data, ...dataOf(from) }, linear: linearOf(from) }
  const { data } = wanted
  const splits = splitInTime(histories, data)
  const known = from?.scaler?.scales
  if (wanted.linear !== null) requireOneChannel(histories)
  const read = from === null && wanted.linear !== null ? varyingContext(histories, splits) : histories
  const scaled = read.map((history, at) => prepare(history, splits[at]!, data, known))
  const prepared = wanted.linear === null ? scaled : withLinear(scaled, { ...wanted.linear, horizons: data.horizons })
  const first = read[0]!
  const model = from === null ? freshModel(first, wanted) : fitting(from, first, wanted)
  const every = model.graph.nodes[model.graph.output]!.sequence
  const stride = data.stride > 0 ? data.stride : every ? Math.max(1, Math.floor(data.window / 4)) : 1
  const windows = { ticks: data.window, stride, horizons: data.horizons, target: data.target, every }
  const part = (name: 'train' | 'validation'): HistoryWindows =>
    new HistoryWindows(
      prepared.map((one) => ({ prepared: one, range: one.split[name] })),
      windows,
    )
  const train = part('train')
  const plan = { ...wanted, fit: { ...wanted.fit, epochs: epochsOf(wanted.fit, train.count) } }
  const { fit } = plan
  const validation = data.validation > 0 ? part('validation') : null
  requireWindows('train', train, first.name, data.window)
  if (validation !== null) requireWindows('validation', validation, first.name, data.window)
  const coldTicks = Math.min(fit.coldTicks, data.window >> 1)
  return { plan, model, prepared, train, validation, settings: { ...fit, ticks: data.window, coldTicks } }
}

/** Whole epochs that make about as many updates as are wanted. */
function epochsOf({ epochs, steps, batch }: TrainingPlan['fit'], windows: number): number {
  return steps === null ? epochs : Math.max(1, Math.round(steps / Math.ceil(windows / batch)))
}

function requireOneChannel(histories: readonly History[]): void {
  const joint = histories.find(({ channels }) => channels.length > 1)
  if (joint === undefined) return
  const expected = `a linear part forecasts one channel; ${joint.name} has ${joint.channels.length}`
  throw new ConfigurationError([{ path: 'linear', expected, hint: 'leave --as asset out, or set linear=null' }])
}

/** A copy of histories with the linear part that is fitted on them, and what it says of their rows. */
function withLinear(prepared: readonly Prepared[], plan: RidgePlan): Prepared[] {
  const part = ridgeOf(prepared, plan)
  return prepared.map((one) => ({ ...one, linear: linearSaid(part, one) }))
}

function freshModel(history: History, { model, data, fit }: TrainingPlan): Model {
  const inputs = inputCount(history, data.calendar)
  const outputs = data.horizons * history.channels.length
  const declared = fillWidths(model.modules, { inputs, outputs, loss: fit.loss })
  const fresh = initialModel(parseArchitecture(declared), { seed: fit.seed, init: fit.init })
  const gives = outputWidth(fresh.graph)
  const wanted = headOf(fresh.architecture).each * outputs
  if (gives === wanted) return fresh
  const expected = `it gives ${gives} values, what is predicted are ${wanted}: end with a Linear that reads it`
  throw new ConfigurationError([{ path: `model.modules.${model.modules.length - 1}`, value: gives, expected }])
}

/** What a model that is there already says of its data. */
function dataOf({ forecast }: Model): Partial<TrainingPlan['data']> {
  if (forecast === null) return {}
  const { horizons, inputClip, target = 'change', calendar = [] } = forecast
  return { horizons, inputClip, target, calendar: [...calendar] }
}

/** The linear part of a model that learns further is fitted anew on the new rows, with the shape that it has. */
function linearOf({ name, linear }: Model): TrainingPlan['linear'] {
  if (linear === null) return null
  if (!usesNetwork(linear)) {
    const expected = `${name} is a linear model alone: it has no network that could learn further`
    throw new ConfigurationError([{ path: '--from', value: name, expected, hint: 'train anew, without --from' }])
  }
  const { lags, contextLags, averages } = linear
  return { lags, contextLags: [...contextLags], averages: [...averages], penalty: ridgePenalty }
}

function fitting(from: Model, history: History, { data }: TrainingPlan): Model {
  const inputs = inputCount(history, data.calendar)
  const outputs = data.horizons * history.channels.length
  requireCalendar(from, history)
  if (inputWidth(from.graph) === inputs && outputWidth(from.graph) % outputs === 0) return from
  const has = `${inputWidth(from.graph)} inputs and ${outputWidth(from.graph)} outputs`
  const expected = `${from.name} has ${has}; the data make it ${inputs} and ${outputs} (a column or a horizon is one more)`
  throw new ConfigurationError([{ path: '--from', value: from.name, expected }])
}

/** Errors: `ConfigurationError` for a history in another calendar than the one that a model was told of. */
export function requireCalendar({ name, forecast }: Model, { calendar = utcCalendar.parts }: History): void {
  const why = calendarMisfit(forecast?.calendar ?? [], forecast?.timeZone ?? utc.name, calendar)
  if (why === null) return
  throw new ConfigurationError([{ path: 'calendar', value: calendar.zone.name, expected: `${name}: ${why}` }])
}

function requireWindows(part: 'train' | 'validation', { count }: HistoryWindows, name: string, window: number): void {
  if (count > 0) return
  const why =
    part === 'train'
      ? `its train part has no stretch of ${window} rows and one more without a gap`
      : `its validation part has no row with ${window} rows before it without a gap`
  throw new OperatingError('read', `${name}: ${why}; give more history, or a smaller data.window`)
}

/**
 * The model that a training ends with: its weights, and all that is needed to run it on other readings. Of a linear part the
 * gates are set by the validation part.
 */
export function taughtModel(
  { model, plan, prepared }: Lesson,
  name: string,
  weights: ReadonlyMap<string, Float32Array>,
  card: ModelCard,
): Model {
  const { history } = prepared[0]!
  const { horizons, inputClip, target, calendar } = plan.data
  const timeZone = history.calendar?.zone.name ?? utc.name
  const forecast: Forecast = {
    horizons,
    inputClip,
    ...(target === 'change' ? {} : { target }),
    ...(calendar.length === 0 ? {} : { calendar, ...(timeZone === utc.name ? {} : { timeZone }) }),
    ...(history.channels.length === 1 ? {} : { channels: history.channels }),
    ...(history.context.length === 0 ? {} : { context: history.context, ...ageOf(prepared) }),
  }
  const scales = new Map<string, Scale>()
  for (const one of prepared) {
    const columns = [...one.history.channels, ...one.history.context]
    for (const [at, column] of columns.entries()) scales.set(column, one.scales[at]!)
  }
  const scaler = { kind: plan.data.scaler, scales }
  const about = { name, forecast, scaler, periodMs: history.stepMs, card }
  const taught = withWeights(
    model,
    weights,
    prepared[0]!.linear === undefined ? about : { ...about, linear: prepared[0]!.linear.part },
  )
  if (taught.linear === null) return taught
  const gates = gatesOf(correctedBy(taught, prepared))
  return gated(taught, gates)
}

/** How old a context value may be, of all histories: what training filled in, a live tick may fill in. */
function ageOf(prepared: readonly Prepared[]): Pick<Forecast, 'contextMaxAgeMs'> {
  const ages = prepared.flatMap(({ history }) => history.contextMaxAgeMs ?? [])
  return ages.length === 0 ? {} : { contextMaxAgeMs: Math.max(...ages) }
}
