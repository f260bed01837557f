import { outputWidth } from '../model/graph.ts'
import { headOf } from '../model/head.ts'
import { addCorrection, type LinearPart } from '../model/linear.ts'
import type { Model } from '../model/model.ts'
import { forward, openStream } from '../model/recurrent.ts'
import { isStreamable } from '../model/streamable.ts'
import type { Prepared } from './data/prepare.ts'
import { linearSaid } from './linear/fit-ridge.ts'

/**
 * What a model said of every row of a history.
 *
 * Shapes: (T,O), O = horizons × channels in the order horizon, channel: at row t what was expected of row t+h; NaN where
 * nothing could be said. Units: engineering units.
 */
export interface Forecasts {
  readonly expected: Float64Array
  /** Standard deviations, of a Gaussian head. */
  readonly deviation: Float64Array | null
  /** By level, of a Quantile head. */
  readonly quantiles: ReadonlyMap<number, Float64Array> | null
}

/** How a model is run over a history. */
export interface ForecastRun {
  /** `stream`: one hidden state from the first row on, as it runs live; `windows`: each row at the end of its own window. */
  readonly by: 'stream' | 'windows'
  /** Ticks of a window. */
  readonly window: number
}

/** Windows that are run at once. */
const windowBatch = 256

/**
 * Runs a model over a history: at every row it has seen that row and those before.
 *
 * Errors: `OperatingError('model')` as `openStream`, when a model that needs windows is to run as a stream.
 */
export function forecastsOf(model: Model, prepared: Prepared, run: ForecastRun): Forecasts {
  const raw = networkOutputs(model, prepared, run)
  return inUnits(model, prepared, model.linear === null ? raw : corrected(model.linear, prepared, raw))
}

/** What the network alone gives at every row. Shapes: (T, width of its output); NaN where it gives nothing. */
export function networkOutputs(model: Model, prepared: Prepared, run: ForecastRun): Float32Array {
  return run.by === 'stream' ? streamed(model, prepared) : windowed(model, prepared, run.window)
}

/** The linear forecast of every row, with as much of the network's correction as the gates let through. */
function corrected(part: LinearPart, prepared: Prepared, network: Float32Array): Float32Array {
  const { said } = linearSaid(part, prepared)
  const horizons = part.scale.length
  for (let at = 0; at < said.length; at += horizons) addCorrection(part, network, at, said, at)
  return said
}

/** The way in which a model runs where nobody says: as a stream where it can. */
export function usualRun(model: Model, window: number): ForecastRun {
  return { by: isStreamable(model) ? 'stream' : 'windows', window }
}

/** Shapes: (T, width of the output). */
function streamed(model: Model, { history, inputs }: Prepared): Float32Array {
  const rows = history.timeMs.length
  const width = inputs.length / rows
  const outputs = outputWidth(model.graph)
  const out = new Float32Array(rows * outputs)
  const stream = openStream(model, { slots: 1 })
  const slot = Int32Array.of(0)
  for (let row = 0; row < rows; row++) {
    out.set(stream.step(slot, inputs.subarray(row * width, (row + 1) * width)), row * outputs)
  }
  stream.close()
  return out
}

function windowed(model: Model, { history, inputs }: Prepared, window: number): Float32Array {
  const rows = history.timeMs.length
  const width = inputs.length / rows
  const outputs = outputWidth(model.graph)
  const out = new Float32Array(rows * outputs).fill(Number.NaN)
  const ends = windowEnds(history.gapBefore, window)
  for (let at = 0; at < ends.length; at += windowBatch) {
    const batch = ends.slice(at, at + windowBatch)
    const x = new Float32Array(batch.length * window * width)
    for (const [place, end] of batch.entries()) {
      x.set(inputs.subarray((end - window + 1) * width, (end + 1) * width), place * window * width)
    }
    const { output } = forward(model, x, { batch: batch.length, ticks: window })
    const each = output.length / batch.length
    for (const [place, end] of batch.entries()) {
      out.set(output.subarray((place + 1) * each - outputs, (place + 1) * each), end * outputs)
    }
  }
  return out
}

/** Rows at which a window without a gap ends. */
function windowEnds(gapBefore: Uint8Array, window: number): number[] {
  const ends: number[] = []
  let since = 0
  for (let row = 0; row < gapBefore.length; row++) {
    since = gapBefore[row] === 1 ? 1 : since + 1
    if (since >= window) ends.push(row)
  }
  return ends
}

function inUnits(model: Model, prepared: Prepared, raw: Float32Array): Forecasts {
  const { kind, middle, levels } = headOf(model.architecture)
  const channels = prepared.history.channels.length
  const outputs = (model.forecast?.horizons ?? 1) * channels
  const width = outputWidth(model.graph)
  const part = (value: number): Float64Array => valuesOf(model, prepared, raw, value * outputs, outputs, width)
  const expected = part(middle)
  if (kind === 'quantile') {
    return { expected, deviation: null, quantiles: new Map(levels.map((level, at) => [level, part(at)])) }
  }
  if (kind === 'plain') return { expected, deviation: null, quantiles: null }
  const deviation = new Float64Array((raw.length / width) * outputs)
  for (let at = 0; at < deviation.length; at++) {
    const row = Math.floor(at / outputs)
    const { scale } = prepared.scales[at % channels]!
    deviation[at] = raw[row * width + outputs + (at % outputs)]! * scale
  }
  return { expected, deviation, quantiles: null }
}

/** Outputs `from`… of every row as values: the scaled level, or the change from the row's own value. */
function valuesOf(
  model: Model,
  { history, scales }: Prepared,
  raw: Float32Array,
  from: number,
  outputs: number,
  width: number,
): Float64Array {
  const rows = history.timeMs.length
  const channels = history.channels.length
  const columns = channels + history.context.length
  const isLevel = model.forecast?.target === 'level'
  const values = new Float64Array(rows * outputs)
  for (let row = 0; row < rows; row++) {
    for (let o = 0; o < outputs; o++) {
      const { center, scale } = scales[o % channels]!
      const base = isLevel ? center : history.values[row * columns + (o % channels)]!
      values[row * outputs + o] = base + scale * raw[row * width + from + o]!
    }
  }
  return values
}
