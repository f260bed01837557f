import type { Fit, FitProgress, FitResult, FitState } from '../../train/fit/fit.ts'
import { grouped } from '../replay/report.ts'

/** Ms that a fit works before it lets signals and timers have their turn. */
const sliceMs = 25
/** Ms between two pictures of the bar, and between two plain lines. */
const drawEveryMs = 100
const tellEveryMs = 10_000

/** Where a fit tells how far it is. */
export interface FitOutput {
  readonly isTTY?: boolean
  readonly columns?: number
  write(text: string): unknown
}

/** What happens around a fit. */
export interface FitDriver {
  /** What is trained, for the bar. */
  readonly name: string
  /** Readings that a window stands for: its ticks. */
  readonly ticks: number
  readonly output: FitOutput | null
  readonly now: () => number
  readonly stopAsked: () => boolean
  /** Called at the end of every epoch. */
  save(state: () => FitState): void
}

/**
 * Trains to the end, batch by batch, and lets the process hear a signal in between; asked to stop, it ends with the best
 * weights so far. Errors: as `fit`.
 */
export async function runFit(fit: Fit, driver: FitDriver): Promise<FitResult> {
  const bar = new FitBar(driver)
  let sliceEnd = driver.now() + sliceMs
  try {
    let next = fit.next()
    while (next.done !== true) {
      bar.show(next.value)
      if (next.value.finished !== null) driver.save(next.value.finished.state)
      if (driver.now() > sliceEnd) {
        await new Promise((resolve) => setImmediate(resolve))
        sliceEnd = driver.now() + sliceMs
      }
      next = fit.next(driver.stopAsked() ? 'stop' : undefined)
    }
    return next.value
  } finally {
    bar.end()
  }
}

/** A bar with epoch, losses, readings a second and the time that is left. */
class FitBar {
  readonly #driver: FitDriver
  readonly #startMs: number
  #first: number | undefined
  #shownMs: number
  #open = false

  constructor(driver: FitDriver) {
    this.#driver = driver
    this.#startMs = driver.now()
    // A short fit has no plain line, its summary says all; a bar shows with the first batch that gives a rate.
    this.#shownMs = driver.output?.isTTY === true ? Number.NEGATIVE_INFINITY : this.#startMs
  }

  show(progress: FitProgress): void {
    const { output, now } = this.#driver
    if (output === null) return
    // A resumed fit begins with windows that an earlier process trained.
    this.#first ??= progress.windows
    if (progress.windows === this.#first) return
    const every = output.isTTY === true ? drawEveryMs : tellEveryMs
    if (now() - this.#shownMs < every) return
    this.#shownMs = now()
    const text = this.#text(progress, output)
    this.#open = output.isTTY === true
    output.write(this.#open ? `\r${text}\u001b[K` : `${text}\n`)
  }

  #text({ epoch, epochs, loss, validationLoss, windows, windowsTotal }: FitProgress, output: FitOutput): string {
    const seconds = Math.max(0.001, (this.#driver.now() - this.#startMs) / 1_000)
    const perSecond = (windows - (this.#first ?? 0)) / seconds
    const left = perSecond > 0 ? timeText((windowsTotal - windows) / perSecond) : '?'
    const validation = validationLoss === null ? '' : `, validation ${validationLoss.toPrecision(4)}`
    const rate = `${grouped(Math.round(perSecond * this.#driver.ticks))} readings/s, at most ${left} left`
    const text = `${this.#driver.name}: epoch ${epoch} of ${epochs}, loss ${loss.toPrecision(4)}${validation}, ${rate}`
    const room = (output.columns ?? 80) - text.length - 2
    if (output.isTTY !== true || room < 8) return text
    const width = Math.min(30, room)
    const full = Math.round((width * windows) / windowsTotal)
    return `${'█'.repeat(full)}${'░'.repeat(width - full)} ${text}`
  }

  end(): void {
    if (this.#open) this.#driver.output?.write('\r\u001b[K')
    this.#open = false
  }
}

/** 75 as `1 min 15 s`. */
function timeText(seconds: number): string {
  const whole = Math.ceil(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3_600)} h ${Math.floor((whole % 3_600) / 60)} min`
}
