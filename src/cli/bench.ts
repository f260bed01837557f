import { cpus } from 'node:os'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Command } from 'commander'
import { type LatencyFigure, measureLatency, measureSteps, type StepFigure } from './bench/measure-steps.ts'
import { type BenchReport, benchText } from './bench/report.ts'
import { benchCells, benchSlots } from './bench/step-work.ts'
import { exitCodes } from './exit-codes.ts'
import { UsageError } from './failure.ts'
import { measurePipeline } from './measure.ts'
import { loadNamedModel } from './named-models.ts'
import { registryOption } from './registry-option.ts'
import { untilSignal } from './until-signal.ts'

interface BenchOptions {
  readonly model: string
  readonly hidden: string
  readonly batch: string
  readonly ms: string
  readonly threads: string
  readonly registry?: string
  readonly json?: boolean
}

/** Batches whose latency is measured, and the cell it is measured of: the size the models that ship have about. */
const latencyBatches = [1, 256]
const latencyHidden = 32
const hiddenMax = 512
const msMax = 60_000
const threadsMax = 64
/** Smaller batches are done by one thread anyway. */
const sharedBatchMin = 256

/** One figure to measure: its name for the progress, and how. */
interface Task {
  readonly name: string
  run(): void
}

function wholeNumbers(text: string, option: string, most: number): number[] {
  return text.split(',').map((word) => {
    const value = Number(word)
    if (/^\d+$/.test(word.trim()) && value >= 1 && value <= most) return value
    throw new UsageError(`${option} takes whole numbers from 1 to ${most}, separated by commas, not "${word}"`)
  })
}

/** Says on standard error what is being measured: one line that changes on a terminal, nothing elsewhere. */
function tellProgress(text: string | null): void {
  if (process.stderr.isTTY !== true) return
  process.stderr.write(text === null ? '\r\u001b[K' : `\r${text}\u001b[K`)
}

/** Runs tasks one after the other; between two a signal is heard, and ends it. Answers whether one was. */
async function runTasks(tasks: readonly Task[]): Promise<boolean> {
  let interrupted = false
  const signal = untilSignal(() => {
    interrupted = true
  })
  try {
    for (const [place, { name, run }] of tasks.entries()) {
      tellProgress(`${place + 1} of ${tasks.length}  ${name}`)
      await nextTurn()
      if (interrupted) break
      run()
    }
    await nextTurn()
    return interrupted
  } finally {
    tellProgress(null)
    signal.forget()
  }
}

async function bench(options: BenchOptions): Promise<void> {
  const hiddenSizes = wholeNumbers(options.hidden, '--hidden', hiddenMax)
  const batches = wholeNumbers(options.batch, '--batch', benchSlots)
  const threadCounts = wholeNumbers(options.threads, '--threads', threadsMax)
  const [forMs = 0] = wholeNumbers(options.ms, '--ms', msMax)
  const model = loadNamedModel(options.model, options.registry)
  const steps: StepFigure[] = []
  const latency: LatencyFigure[] = []
  let pipeline: BenchReport['pipeline'] = null
  const tasks: Task[] = [
    ...benchCells.flatMap((cell) =>
      hiddenSizes.flatMap((hidden) =>
        threadCounts.flatMap((threads) =>
          batches
            .filter((batch) => threads === 1 || batch >= sharedBatchMin)
            .map((batch) => ({
              name: `${cell} H=${hidden}, batch ${batch}, ${threads} threads`,
              run: () => void steps.push(measureSteps(cell, hidden, batch, forMs, threads)),
            })),
        ),
      ),
    ),
    ...latencyBatches.map((batch) => ({
      name: `latency, batch ${batch}`,
      run: () => void latency.push(measureLatency('GRU', latencyHidden, batch, forMs * 3)),
    })),
    {
      name: `the pipeline with the model ${model.name}`,
      run: () => {
        pipeline = { model: model.name, ...measurePipeline(model) }
      },
    },
  ]
  const interrupted = await runTasks(tasks)
  const machine = { processor: cpus()[0]?.model.trim() ?? process.arch, cores: cpus().length, node: process.version }
  const report: BenchReport = { machine, steps, latency, pipeline, interrupted }
  process.stdout.write(options.json === true ? `${JSON.stringify(report)}\n` : benchText(report))
  process.exitCode = interrupted ? exitCodes.interrupted : exitCodes.done
}

const defaultThreads = cpus().length > 1 ? `1,${Math.min(cpus().length, threadsMax)}` : '1'

/** `residua bench`: what this machine does, without comparing it to anything. */
export function benchCommand(): Command {
  return new Command('bench')
    .description("this machine's own figures: steps a second, latency, the whole pipeline, memory")
    .option('--model <name or folder>', 'the model of the whole pipeline', 'base')
    .addOption(registryOption())
    .option('--hidden <sizes>', 'hidden sizes', '8,16,32,64,128')
    .option('--batch <sizes>', `readings a step, at most ${benchSlots}`, '1,16,256,4096')
    .option('--threads <counts>', 'threads that step a batch together', defaultThreads)
    .option('--ms <n>', 'milliseconds a figure: longer is steadier', '120')
    .option('--json', 'one JSON document on standard output')
    .addHelpText(
      'after',
      `
Figures are of this moment: what else the machine does is in them. Nothing is read from outside or written.

Examples:
  residua bench
  residua bench --hidden 32 --batch 256 --ms 1000
  residua bench --json`,
    )
    .action(bench)
}
