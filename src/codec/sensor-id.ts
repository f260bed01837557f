import { limits } from '../base/limits.ts'

/** What is wrong with a sensor id; undefined when it is right. Known here already, because here the line is known. */
export function sensorIdProblem(id: string): string | undefined {
  if (id === '') return 'the sensor has no name'
  const long = id.length * 3 > limits.sensorIdBytesMax && Buffer.byteLength(id) > limits.sensorIdBytesMax
  return long ? `${id.slice(0, 40)}…: a sensor id has at most ${limits.sensorIdBytesMax} bytes` : undefined
}
