import type { RowRange } from '../data/history.ts'
import { type Corrected, eachHeld, gatesOf } from './gate.ts'

/** Mean absolute errors of one horizon on held-back rows, in the unit of the sensor; of several sensors in their scales. */
export interface HorizonErrors {
  readonly horizon: number
  readonly persistence: number
  readonly linear: number
  /** With gates that were fitted on the other rows, block by block, so that no row judges the gate that it made. */
  readonly corrected: number
  /** The gate that the model has, of all held-back rows. */
  readonly gate: number
}

/** What the linear model, the network and the gate come to. */
export interface GateReport {
  readonly errors: readonly HorizonErrors[]
  readonly heldRows: number
  /** One sentence: whether the linear model is enough, else what the network brings. */
  readonly verdict: string
}

/** Blocks of held-back rows, of which each is judged with the gates of the others. */
const blocks = 5

/** Judges persistence, ridge and ridge with network on the held-back rows. `gates`: of the model. */
export function gateReport(corrected: readonly Corrected[], gates: Float32Array): GateReport {
  const horizons = gates.length
  const sums = {
    persistence: new Float64Array(horizons),
    linear: new Float64Array(horizons),
    corrected: new Float64Array(horizons),
  }
  const count = new Float64Array(horizons)
  for (let block = 0; block < blocks; block++) {
    const other = gatesOf(corrected.flatMap((one) => othersOf(one.held, block).map((held) => ({ ...one, held }))))
    for (const one of corrected) {
      // The errors of one sensor are in its unit; those of several cannot be, so they stay in their scales.
      const unit = corrected.length === 1 ? one.prepared.scales[0]!.scale : 1
      eachHeld({ ...one, held: blockOf(one.held, block) }, (truth, linear, correction, now, h) => {
        const last = one.prepared.scaled[now]!
        if (Number.isNaN(last)) return
        const k = h - 1
        count[k] = count[k]! + 1
        sums.persistence[k] = sums.persistence[k]! + unit * Math.abs(truth - last)
        sums.linear[k] = sums.linear[k]! + unit * Math.abs(truth - linear)
        sums.corrected[k] = sums.corrected[k]! + unit * Math.abs(truth - linear - other[k]! * correction)
      })
    }
  }
  const errors = Array.from(gates, (gate, k) => ({
    horizon: k + 1,
    persistence: sums.persistence[k]! / count[k]!,
    linear: sums.linear[k]! / count[k]!,
    corrected: sums.corrected[k]! / count[k]!,
    gate,
  }))
  const heldRows = corrected.reduce((sum, { held }) => sum + held.to - held.from, 0)
  return { errors, heldRows, verdict: verdictOf(errors) }
}

function blockOf({ from, to }: RowRange, block: number): RowRange {
  const edge = (at: number): number => from + Math.floor((at * (to - from)) / blocks)
  return { from: edge(block), to: edge(block + 1) }
}

function othersOf(held: RowRange, block: number): RowRange[] {
  return Array.from({ length: blocks }, (_, at) => at)
    .filter((at) => at !== block)
    .map((at) => blockOf(held, at))
}

function verdictOf(errors: readonly HorizonErrors[]): string {
  const largest = Math.max(...errors.map(({ gate }) => gate))
  if (largest === 0)
    return 'The linear model is enough: on held-back rows no correction lowers its error, and the network is left out.'
  const first = errors[0]!
  const last = errors[errors.length - 1]!
  const change = ({ linear, corrected }: HorizonErrors): number => (1 - corrected / linear) * 100
  // A gain that is not seen on rows that the gate was not fitted on is no gain.
  if (!errors.some((one) => change(one) >= 1)) {
    return 'The linear model is enough: on held-back rows the network lowers no error by 1 %.'
  }
  const text = (one: HorizonErrors): string =>
    `${change(one) >= 0 ? 'lowers' : 'raises'} the error ${one.horizon} ${one.horizon === 1 ? 'step' : 'steps'} ahead by ${Math.abs(change(one)).toFixed(0)} %`
  return first === last ? `The network ${text(first)}.` : `The network ${text(first)} and ${text(last)}.`
}
