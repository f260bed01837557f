import type { Prng } from '../../src/base/prng.ts'
import { Quality } from '../../src/domain/quality.ts'
import type { Decoder } from '../../src/domain/record.ts'

/** A reading as it goes through the world. Units: ms since 1970. */
export interface SimReading {
  readonly sensor: string
  readonly timeMs: number
  readonly value: number
  readonly quality: number
}

/** A line a reading, exact in every bit. */
export function writeReading(readings: readonly SimReading[]): Uint8Array {
  const lines = readings.map(({ sensor, timeMs, value, quality }) => `${sensor},${timeMs},${value},${quality}`)
  return new TextEncoder().encode(lines.join('\n'))
}

/** Reads what `writeReading` wrote. */
export const readingDecoder: Decoder = {
  decode(record, out) {
    for (const line of new TextDecoder().decode(record.bytes).split('\n')) {
      const [sensor, time, value, quality] = line.split(',')
      if (quality === undefined) out.reject('malformed', line)
      else out.reading(sensor!, Number(time), Number(value), Number(quality))
    }
  },
}

/** Names of the sensors: two behind each broker, one of them in each partition. */
export const sensors = ['log/0', 'log/1', 'queue/0', 'queue/1']
/** Readings that every sensor had before the world begins, normal ones: so it is scored at once. */
export const learned = 520
const stepMs = 1_000
const beginMs = Date.UTC(2026, 0, 1)

/** A sensor's value: a wave with noise, and now and then an hour in which the machine is not itself. */
export function historyOf(sensor: string, rows: number, random: Prng, from = 0): SimReading[] {
  const phase = sensors.indexOf(sensor)
  let fault = { kind: 0, left: 0 }
  return Array.from({ length: rows }, (_, n) => {
    const row = from + n
    if (from > 0 && fault.left === 0 && random.uniform() < 0.03)
      fault = { kind: random.integer(4), left: 3 + random.integer(20) }
    else fault.left = Math.max(0, fault.left - 1)
    const calm = 50 + 5 * Math.sin(row / 9 + phase) + 0.5 * random.normal()
    const isFaulty = fault.left > 0
    const value = isFaulty && fault.kind === 0 ? calm + 25 : isFaulty && fault.kind === 1 ? 50 : calm
    const quality = isFaulty && fault.kind === 2 ? Quality.bad : Quality.good
    return { sensor, timeMs: beginMs + row * stepMs, value: isFaulty && fault.kind === 3 ? Number.NaN : value, quality }
  })
}
