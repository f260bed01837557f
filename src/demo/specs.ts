import { defaultSpec, type SpecResolver } from '../domain/sensor.ts'
import type { Plant } from './plant.ts'
import type { RealMachine } from './real-machine.ts'

/** Missing readings in a row after which a transmitter of the plant is called silent. */
const silentRows = 20

/**
 * What the demo's configuration says of its sensors: unit, scale and rhythm of the plant's transmitters.
 *
 * The real machine is a record, so its silence means nothing. Anything else that is published to the demo's broker
 * under `plant/` gets the defaults, as any new sensor does.
 */
export function demoSpecs(plant: Plant, machine: RealMachine, stepMs: number): SpecResolver {
  const points = new Map(plant.sensors.map((sensor) => [sensor.id, sensor.point]))
  return (id, labels) => {
    const spec = defaultSpec(id, labels)
    if (id === machine.sensor) return { ...spec, priority: 'high', silentAfterMs: Number.POSITIVE_INFINITY }
    const point = points.get(id)
    if (point === undefined) return spec
    return { ...spec, unit: point.unit, low: point.low, high: point.high, silentAfterMs: silentRows * stepMs }
  }
}
