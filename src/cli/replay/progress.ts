import { grouped } from './report.ts'

/** The output that progress goes to: standard error in the process, anything in tests. */
export interface ProgressOutput {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** Milliseconds between two pictures of the bar: quick enough to look alive. */
const drawEveryMs = 100
/** Milliseconds between two plain lines: a short replay has none, a long one does not fill a log. */
const tellEveryMs = 5_000

function percent(share: number | null): string {
  return share === null ? '…' : `${Math.floor(share * 100)} %`
}

/** How far a replay is: a bar on a terminal, a few plain lines elsewhere. */
export class Progress {
  readonly #output: ProgressOutput
  readonly #now: () => number
  readonly #startMs: number
  #drawnMs = Number.NEGATIVE_INFINITY
  #toldMs: number
  #open = false

  constructor(output: ProgressOutput, now: () => number) {
    this.#output = output
    this.#now = now
    this.#startMs = now()
    this.#toldMs = this.#startMs
  }

  /** `done` and `total` in the input's own measure, `total` Infinity where it is not known; `rows` scored so far. */
  update(done: number, total: number, rows: number): void {
    const share = total === Number.POSITIVE_INFINITY ? null : total === 0 ? 1 : Math.min(1, done / total)
    const seconds = Math.max(0.001, (this.#now() - this.#startMs) / 1_000)
    const rate = `${grouped(rows)} rows, ${grouped(rows / seconds)} rows/s`
    if (this.#output.isTTY === true) this.#draw(share, rate)
    else this.#tell(share, rate)
  }

  /** Takes the bar away. */
  end(): void {
    if (this.#open) this.#output.write('\r\u001b[K')
    this.#open = false
  }

  #draw(share: number | null, rate: string): void {
    const now = this.#now()
    if (now - this.#drawnMs < drawEveryMs) return
    this.#drawnMs = now
    this.#open = true
    const width = Math.max(10, Math.min(40, (this.#output.columns ?? 80) - rate.length - 10))
    const full = Math.round((share ?? 0) * width)
    const bar = `${'█'.repeat(full)}${'░'.repeat(width - full)}`
    this.#output.write(`\r${bar} ${percent(share).padStart(5)}  ${rate}\u001b[K`)
  }

  #tell(share: number | null, rate: string): void {
    const now = this.#now()
    if (now - this.#toldMs < tellEveryMs) return
    this.#toldMs = now
    this.#output.write(`${percent(share)}  ${rate}\n`)
  }
}
