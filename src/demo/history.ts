import { Frame } from '../domain/frame.ts'
import { Quality } from '../domain/quality.ts'
import type { SensorCatalog } from '../domain/sensor.ts'
import type { Plant } from './plant.ts'
import type { RealMachine } from './real-machine.ts'

/** Readings of each sensor before the demo begins: 33 hours of the plant, 7 days of the real machine. */
export const historyRows = 2_000

/** Rows of one history frame. */
const frameRows = 4_000

/**
 * Feeds the past of every sensor, in which nothing is wrong, to the pipeline: `feed` gets frames that are reused.
 *
 * Units: `stampMs(row)` is the event time of a plant row, ms since 1970.
 */
export function feedHistory(
  plant: Plant,
  machine: RealMachine,
  catalog: SensorCatalog,
  stampMs: (row: number) => number,
  feed: (frame: Frame) => void,
): void {
  const frame = new Frame(frameRows)
  const push = (slot: number, timeMs: number, value: number) => {
    if (frame.push(slot, timeMs, value, Quality.good, timeMs)) return
    feed(frame)
    frame.clear()
    frame.push(slot, timeMs, value, Quality.good, timeMs)
  }
  const slots = plant.sensors.map((sensor) => catalog.intern(sensor.id, sensor.labels))
  const machineSlot = catalog.intern(machine.sensor, machine.labels)
  const values = new Float64Array(slots.length)
  for (let row = 0; row < historyRows; row++) {
    plant.step(values)
    const timeMs = stampMs(row)
    for (let index = 0; index < slots.length; index++) push(slots[index]!, timeMs, values[index]!)
    push(machineSlot, machine.timeMs[row]!, machine.value[row]!)
  }
  feed(frame)
}
