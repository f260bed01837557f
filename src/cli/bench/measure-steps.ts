import { type BenchCell, createStepWork } from './step-work.ts'

/** How fast one cell steps in batches of one size, on so many threads. */
export interface StepFigure {
  readonly cell: BenchCell
  readonly hidden: number
  readonly batch: number
  readonly threads: number
  readonly kernel: string
  readonly nsPerStep: number
  readonly stepsPerSecond: number
  /** The hidden state alone; what else a sensor needs is in the figure of the pipeline. */
  readonly bytesPerSensor: number
}

/** How long a batch takes when it comes alone. */
export interface LatencyFigure {
  readonly cell: BenchCell
  readonly hidden: number
  readonly batch: number
  readonly p50Us: number
  readonly p99Us: number
}

/** Slices of a figure's time, of which the median counts. */
const slices = 5
const latencySamplesMax = 20_000

/** Steps for about `forMs`, a third of it to warm up, and says how fast that was: the median of a few slices. */
export function measureSteps(
  cell: BenchCell,
  hidden: number,
  batch: number,
  forMs: number,
  threads: number,
): StepFigure {
  const { kernel, step } = createStepWork(cell, hidden, batch, threads)
  runFor(step, forMs / 3)
  const found = Array.from({ length: slices }, () => runFor(step, (forMs * 2) / 3 / slices))
  kernel.close()
  const nsPerStep = (middle(found, 0.5) / batch) * 1e6
  return {
    cell,
    hidden,
    batch,
    threads,
    kernel: kernel.name,
    nsPerStep: Number(nsPerStep.toFixed(1)),
    stepsPerSecond: Math.round(1e9 / nsPerStep),
    bytesPerSensor: kernel.stateSize * 4,
  }
}

/** Times single batches for about `forMs`: the middle and the slow end of what one takes. */
export function measureLatency(cell: BenchCell, hidden: number, batch: number, forMs: number): LatencyFigure {
  const { step } = createStepWork(cell, hidden, batch)
  runFor(step, forMs / 3)
  const samples: number[] = []
  const untilMs = performance.now() + (forMs * 2) / 3
  for (let startMs = performance.now(); startMs < untilMs && samples.length < latencySamplesMax; ) {
    step()
    const endMs = performance.now()
    samples.push((endMs - startMs) * 1_000)
    startMs = endMs
  }
  const micro = (part: number): number => Number(middle(samples, part).toFixed(2))
  return { cell, hidden, batch, p50Us: micro(0.5), p99Us: micro(0.99) }
}

/** Milliseconds a call took on average over about `forMs`; the clock is asked less often the shorter a call is. */
function runFor(step: () => void, forMs: number): number {
  const startMs = performance.now()
  let calls = 0
  let group = 1
  for (;;) {
    for (let call = 0; call < group; call++) step()
    calls += group
    const passedMs = performance.now() - startMs
    if (passedMs >= forMs) return passedMs / calls
    if (passedMs < forMs / 8) group = calls
  }
}

/** The value below which `part` of the values lie. */
function middle(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))]!
}
