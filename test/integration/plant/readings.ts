import { prng } from './noise.ts'

/** One reading as the test publishes it. */
export interface Reading {
  readonly sensor: string
  readonly timeMs: number
  readonly value: number
}

/**
 * A slow wave with noise for each sensor, one reading a second; the faulty sensor rattles far beyond its noise from row
 * `at` to the end.
 */
export function readingsOf(
  sensors: readonly string[],
  rows: number,
  startMs: number,
  fault: { readonly sensor: string; readonly at: number },
): Reading[] {
  const noise = prng(42)
  const made: Reading[] = []
  for (let row = 0; row < rows; row++) {
    for (const [index, sensor] of sensors.entries()) {
      const normal = 50 + 5 * index + 3 * Math.sin((row / 120) * 2 * Math.PI + index) + 0.4 * (noise() - 0.5)
      const failing = sensor === fault.sensor && row >= fault.at
      made.push({
        sensor,
        timeMs: startMs + row * 1_000,
        value: Math.round((failing ? normal + (row % 2 === 0 ? 25 : -25) : normal) * 1_000) / 1_000,
      })
    }
  }
  return made
}
