import { alarmWidth, C, heldColumns, Silence } from './columns.ts'

/**
 * Ends what a sensor was taught of its history, in its columns at `at`: what it learned stays.
 *
 * Alarms that nobody heard of are forgotten, so that a condition which still stands is raised by the first reading that comes;
 * no row of the history waits to be written; and the time until that reading is not the sensor's silence.
 */
export function settle(f: Float64Array, at: number): void {
  f.fill(0, at + C.process, at + C.process + alarmWidth)
  f.fill(0, at + C.instrument, at + C.instrument + alarmWidth)
  f.fill(0, at + C.held, at + C.held + Object.keys(heldColumns).length)
  f[at + C.state] = 0
  f[at + C.silent] = Silence.unheard
}
