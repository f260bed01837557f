import { createPrng, type Prng } from '../../base/prng.ts'
import { parseArchitecture } from '../../model/architecture.ts'
import { createKernel } from '../../model/create-kernel.ts'
import type { Kernel } from '../../model/kernel.ts'
import { lower } from '../../model/lower.ts'
import { createModel } from '../../model/model.ts'
import { tensorShapes } from '../../model/tensor-shapes.ts'
import { startKernelWorker } from '../../runtime/kernel-workers.ts'

/** Cells that are measured. */
export const benchCells = ['GRU', 'LSTM'] as const
/** One of them. */
export type BenchCell = (typeof benchCells)[number]

/** Sensors whose states a step finds its rows among. */
export const benchSlots = 4_096

/** A kernel with random weights, and batches of random rows for it. */
export interface StepWork {
  readonly kernel: Kernel
  /** Steps the next batch. Allocates nothing. */
  step(): void
}

/** One input, one recurrent layer, a dense head of one output. */
function benchKernel(cell: BenchCell, hidden: number, threads: number, random: Prng): Kernel {
  const architecture = parseArchitecture({
    modules: [
      { name: 'rnn', type: cell, input_size: 1, hidden_size: hidden },
      { name: 'head', type: 'Linear', in_features: hidden, out_features: 1 },
    ],
  })
  const range = 1 / Math.sqrt(hidden)
  const tensors = new Map(
    [...tensorShapes(lower(architecture))].map(([name, shape]) => {
      const length = shape.reduce((product, size) => product * size, 1)
      return [name, { shape, data: Float32Array.from({ length }, () => random.between(-range, range)) }] as const
    }),
  )
  const workers = { count: threads - 1, start: startKernelWorker }
  return createKernel(createModel('bench', architecture, tensors), benchSlots, { workers })
}

/** Rows shuffled, cut into batches of distinct ones. */
function shuffledRows(batch: number, random: Prng): Int32Array[] {
  const order = Int32Array.from({ length: benchSlots }, (_, slot) => slot)
  for (let last = benchSlots - 1; last > 0; last--) {
    const other = random.integer(last + 1)
    const kept = order[last]!
    order[last] = order[other]!
    order[other] = kept
  }
  return Array.from({ length: Math.floor(benchSlots / batch) }, (_, at) => order.slice(at * batch, (at + 1) * batch))
}

/** Makes the work of one figure; the same seed, so the same work every time. Batch at most `benchSlots`. */
export function createStepWork(cell: BenchCell, hidden: number, batch: number, threads = 1): StepWork {
  const random = createPrng(1)
  const kernel = benchKernel(cell, hidden, threads, random)
  const rows = shuffledRows(batch, random)
  const x = Float32Array.from({ length: batch }, () => random.normal())
  const y = new Float32Array(batch)
  let next = 0
  return {
    kernel,
    step() {
      kernel.step(rows[next]!, batch, x, y)
      next = next + 1 === rows.length ? 0 : next + 1
    },
  }
}
