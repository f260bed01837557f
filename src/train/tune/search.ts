import type { Assignment } from './search-space.ts'
import type { Points } from './space-points.ts'

/** A piece of work: one trial, trained until it has seen so many epochs. */
export interface Job {
  /** Counts from 0. */
  readonly trial: number
  readonly point: Assignment
  readonly rung: number
  /** From the very beginning, not from the rung before. */
  readonly epochs: number
}

/** What a trial came to at the end of a rung; the objective is NaN where it failed. */
export interface RungEnd {
  readonly trial: number
  readonly rung: number
  /** Smaller is better. */
  readonly objective: number
}

/** How a search goes on. */
export interface SearchSettings {
  /** Epochs at the end of each rung, rising; one rung: every trial is trained to the end. */
  readonly rungs: readonly number[]
  /** One of so many is promoted to the next rung. */
  readonly reduction: number
  /** Trials at most. */
  readonly trials: number
}

/** Epochs of the rungs: least·reductionᵏ below `epochs`, then `epochs`. */
export function rungsOf(least: number, reduction: number, epochs: number): number[] {
  const rungs: number[] = []
  for (let rung = least; rung < epochs; rung *= reduction) rungs.push(Math.round(rung))
  return [...rungs, epochs]
}

/**
 * Asynchronous successive halving: whoever asks gets a promotion where a trial is among the best 1/reduction of its
 * rung, from the highest rung down, and else the next new trial. Nobody waits for a rung to be full.
 *
 * With one rung it is a plain search over the points. Results that were had before can be reported first, in the
 * order in which they came: the search then goes on with what is missing. A trial that failed is never promoted.
 * Source: Li et al. 2020, A System for Massively Parallel Hyperparameter Tuning, algorithm 2.
 */
export class Search {
  readonly #settings: SearchSettings
  readonly #points: Points
  readonly #drawn: Assignment[] = []
  readonly #ends: RungEnd[][]
  /** By rung: the trials that were begun in it. */
  readonly #begun: Set<number>[]

  constructor(points: Points, settings: SearchSettings) {
    this.#points = points
    this.#settings = settings
    this.#ends = settings.rungs.map(() => [])
    this.#begun = settings.rungs.map(() => new Set<number>())
  }

  /** The next piece of work; null: there is none, at least until another one ends. */
  next(): Job | null {
    for (let rung = this.#settings.rungs.length - 2; rung >= 0; rung--) {
      const trial = this.#promotable(rung)
      if (trial !== undefined) return this.#begin(trial, rung + 1)
    }
    let trial = 0
    while (this.#begun[0]!.has(trial)) trial++
    if (trial >= this.#settings.trials || this.point(trial) === undefined) return null
    return this.#begin(trial, 0)
  }

  report(end: RungEnd): void {
    this.#begun[end.rung]!.add(end.trial)
    this.#ends[end.rung]!.push(end)
  }

  /** Values of a trial; undefined beyond the last point of the space. */
  point(trial: number): Assignment | undefined {
    while (this.#drawn.length <= trial) {
      const { value, done } = this.#points.next()
      if (done === true) return undefined
      this.#drawn.push(value)
    }
    return this.#drawn[trial]
  }

  #begin(trial: number, rung: number): Job {
    this.#begun[rung]!.add(trial)
    return { trial, point: this.point(trial)!, rung, epochs: this.#settings.rungs[rung]! }
  }

  #promotable(rung: number): number | undefined {
    const ends = this.#ends[rung]!
    const best = ranked(ends).slice(0, Math.floor(ends.length / this.#settings.reduction))
    return best.find(({ trial }) => !this.#begun[rung + 1]!.has(trial))?.trial
  }
}

/** The ends that gave an objective, best first; the earlier trial where two are equal. */
function ranked(ends: readonly RungEnd[]): RungEnd[] {
  const judged = ends.filter(({ objective }) => Number.isFinite(objective))
  return judged.sort((a, b) => a.objective - b.objective || a.trial - b.trial)
}

/** The last end of every trial, best first: those that went further before the others; failed ones are not in it. */
export function leaders<E extends RungEnd>(ends: readonly E[]): E[] {
  const last = new Map<number, E>()
  for (const end of ends) if ((last.get(end.trial)?.rung ?? -1) <= end.rung) last.set(end.trial, end)
  const judged = [...last.values()].filter(({ objective }) => Number.isFinite(objective))
  return judged.sort((a, b) => b.rung - a.rung || a.objective - b.objective || a.trial - b.trial)
}
