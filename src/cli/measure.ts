import { createPrng } from '../base/prng.ts'
import { createPipeline } from '../core/live-pipeline.ts'
import { Frame } from '../domain/frame.ts'
import { OutcomeFrame } from '../domain/outcome.ts'
import { Quality } from '../domain/quality.ts'
import { SensorCatalog } from '../domain/sensor.ts'
import type { KernelName } from '../model/create-kernel.ts'
import type { Model } from '../model/model.ts'

/** What this machine does with a model. */
export interface Measured {
  /** The kernel that stepped the network. */
  readonly kernel: string
  readonly bytesPerSensor: number
  /** Readings scored a second by one thread, without any input and output. */
  readonly readingsPerSecond: number
}

const sensorCount = 128
const rowsPerFrame = sensorCount * 8
/** Readings of each sensor before the clock starts: scored readings cost more than those of the warm-up. */
const warmUpReadings = 512
const measureMs = 1_000
const warmUpMsMax = 2_000

/**
 * Runs a pipeline over made-up readings for about a second and says how fast it was.
 *
 * Units: wall time, so the figure is this machine's at this moment, with what else it does.
 */
export function measurePipeline(model: Model, kernel: KernelName = 'wasm'): Measured {
  const catalog = new SensorCatalog(sensorCount)
  for (let sensor = 0; sensor < sensorCount; sensor++) catalog.intern(`s${sensor}`)
  const pipeline = createPipeline({ model, catalog, plant: 'check', quarantine: false, kernel })
  const frame = new Frame(rowsPerFrame)
  const outcome = new OutcomeFrame(rowsPerFrame)
  const random = createPrng(1)
  let tick = 0
  const step = (): void => {
    frame.clear()
    outcome.clear()
    for (let row = 0; row < rowsPerFrame; row++) {
      if (row % sensorCount === 0) tick += 1
      const slow = (tick % 600) / 600
      frame.push(
        row % sensorCount,
        tick * 1_000,
        50 + 10 * slow * (1 - slow) + random.normal(),
        Quality.good,
        tick * 1_000,
      )
    }
    pipeline.step(frame, outcome)
  }
  const warmUpUntil = performance.now() + warmUpMsMax
  while (tick < warmUpReadings && performance.now() < warmUpUntil) step()
  const startedMs = performance.now()
  let readings = 0
  while (performance.now() - startedMs < measureMs) {
    step()
    readings += rowsPerFrame
  }
  const seconds = (performance.now() - startedMs) / 1_000
  const { bytesPerSensor, meta } = pipeline
  return { kernel: meta.kernel, bytesPerSensor, readingsPerSecond: Math.round(readings / seconds) }
}
