import type { FitOutput } from '../train/run-fit.ts'
import type { JournalRow } from './journal.ts'
import { rankedRows } from './leaderboard.ts'

/** Ms between two plain lines, where there is no terminal. */
const tellEveryMs = 10_000

/** The budget of a search, for the line that tells how far it is. */
interface Budget {
  readonly search: { readonly trials: number }
  readonly budgetMs: number | null
}

/** One line: trials done and running, the best so far, what is left of the budget. */
export class SearchProgress {
  readonly #output: FitOutput | null
  readonly #now: () => number
  readonly #budget: Budget
  readonly #startMs: number
  #shownMs = Number.NEGATIVE_INFINITY
  #open = false

  constructor(output: FitOutput | null, now: () => number, budget: Budget) {
    this.#output = output
    this.#now = now
    this.#budget = budget
    this.#startMs = now()
  }

  show(rows: readonly JournalRow[], running: number): void {
    const output = this.#output
    const isTerminal = output?.isTTY === true
    if (output === null || (!isTerminal && this.#now() - this.#shownMs < tellEveryMs)) return
    this.#shownMs = this.#now()
    const text = this.#text(rows, running)
    output.write(isTerminal ? `\r${text}\u001b[K` : `${text}\n`)
    this.#open = isTerminal
  }

  #text(rows: readonly JournalRow[], running: number): string {
    const { search, budgetMs } = this.#budget
    const done = new Set(rows.map(({ trial }) => trial)).size
    const of = Number.isFinite(search.trials) ? ` of ${search.trials}` : ''
    const best = rankedRows(rows)[0]
    const found = best === undefined ? '' : `, best ${best.objective.toFixed(4)} (trial ${best.trial + 1})`
    const elapsed = this.#now() - this.#startMs
    const left = budgetMs === null ? '' : `, ${Math.max(0, Math.ceil((budgetMs - elapsed) / 1_000))} s left`
    return `tune: ${done}${of} trials tried (${rows.length} results), ${running} running${found}${left}`
  }

  end(): void {
    if (this.#open) this.#output?.write('\r\u001b[K')
    this.#open = false
  }
}
