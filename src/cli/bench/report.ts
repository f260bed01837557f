import type { Measured } from '../measure.ts'
import { grouped } from '../replay/report.ts'
import type { LatencyFigure, StepFigure } from './measure-steps.ts'
import { benchSlots } from './step-work.ts'

/** What `residua bench` has measured; after an interruption, what it had by then. */
export interface BenchReport {
  readonly machine: { readonly processor: string; readonly cores: number; readonly node: string }
  readonly steps: readonly StepFigure[]
  readonly latency: readonly LatencyFigure[]
  readonly pipeline: (Measured & { readonly model: string }) | null
  readonly interrupted: boolean
}

function stepTable(steps: readonly StepFigure[]): string[] {
  const batches = [...new Set(steps.map(({ batch }) => batch))]
  const head = ['cell', 'H', 'threads', ...batches.map((batch) => `batch ${grouped(batch)}`), 'state']
  const nameOf = ({ cell, hidden, threads }: StepFigure): string => `${cell} ${hidden} ${threads}`
  const lines = [...new Set(steps.map(nameOf))].map((name) => {
    const own = steps.filter((step) => nameOf(step) === name)
    const cells = batches.map((batch) => {
      const found = own.find((step) => step.batch === batch)
      return found === undefined ? '–' : grouped(found.stepsPerSecond)
    })
    return [own[0]!.cell, String(own[0]!.hidden), String(own[0]!.threads), ...cells, `${own[0]!.bytesPerSensor} B`]
  })
  const widths = head.map((_, column) => Math.max(...[head, ...lines].map((line) => line[column]!.length)))
  return [head, ...lines].map((line) => `  ${line.map((cell, column) => cell.padStart(widths[column]!)).join('   ')}`)
}

/** The report for a person: figures of this machine at this moment, with what else it does. */
export function benchText({ machine, steps, latency, pipeline, interrupted }: BenchReport): string {
  const { processor, cores, node } = machine
  const lines = [`${processor}, ${cores} cores, Node ${node}; kernel ${steps[0]?.kernel ?? '–'}`, '']
  if (steps.length > 0) {
    lines.push(`Steps a second (one input, a dense head, random rows of ${grouped(benchSlots)} sensors)`)
    lines.push(...stepTable(steps), '')
  }
  if (latency.length > 0) lines.push('A batch that comes alone')
  for (const { cell, hidden, batch, p50Us, p99Us } of latency) {
    lines.push(`  ${cell} H=${hidden}, batch ${grouped(batch)}: p50 ${p50Us} µs, p99 ${p99Us} µs`)
  }
  if (pipeline !== null) {
    const { model, readingsPerSecond, bytesPerSensor } = pipeline
    lines.push('', `The whole pipeline without input and output, model ${model}`)
    lines.push(
      `  ${grouped(readingsPerSecond)} readings/s, ${grouped(bytesPerSensor)} bytes a sensor, all state included`,
    )
  }
  if (interrupted) lines.push('', 'interrupted: this is what was measured until then')
  return `${lines.join('\n')}\n`
}
