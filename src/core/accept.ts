import type { SensorSpec } from '../domain/sensor.ts'
import { AlarmPhase } from './alarm.ts'
import { alarmColumns as A, C, Recipe } from './columns.ts'
import { acceptLevel } from './novelty/hold.ts'
import { N } from './novelty/layout.ts'
import { moveLimits } from './threshold.ts'

/** Errors that are taken as normal lie this far below the new limits: a share of the distance from the usual error. */
const acceptedShare = 0.8

/**
 * Takes as normal, from now on, what a sensor shows: its level, and by recipe T the errors that forecasts make at it.
 *
 * Works when: a level, or a way of moving, stays. Fails when: the error still grows; then the alarm comes again.
 */
export function takeAsNormal(f: Float64Array, at: number): void {
  const value = f[at + C.value]!
  if (f[at + C.recipe] === Recipe.novelty) {
    acceptLevel(f, at + C.novelty, value)
    return
  }
  f[at + C.low] = Math.min(f[at + C.low]!, value)
  f[at + C.high] = Math.max(f[at + C.high]!, value)
  f[at + C.nextLow] = Math.min(f[at + C.nextLow]!, f[at + C.low]!)
  f[at + C.nextHigh] = Math.max(f[at + C.nextHigh]!, f[at + C.high]!)
  f[at + C.slowMax] = limitFor(f[at + C.slow]!, f[at + C.slowMedian]!, f[at + C.slowMax]!)
  f[at + C.fastMax] = limitFor(f[at + C.fast]!, f[at + C.fastMedian]!, f[at + C.fastMax]!)
  moveLimits(f, at)
}

function limitFor(error: number, usual: number, before: number): number {
  return Math.max(before, usual + (error - usual) / acceptedShare)
}

/** Whether recipe T leaves a sensor's level to the stated time: nothing is learned of it while its alarm stands. */
export function isFrozen(f: Float64Array, at: number, spec: SensorSpec): boolean {
  return spec.alarm.acceptAfter !== undefined && f[at + C.process + A.state] === AlarmPhase.unack
}

/**
 * Counts a scored reading of recipe T in the life of its alarm; answers whether the stated time is over.
 *
 * Recipe T has the columns of the other's hold for it: the readings since the alarm was raised, and when that was.
 */
export function isDue(f: Float64Array, at: number, spec: SensorSpec, timeMs: number): boolean {
  const { acceptAfter } = spec.alarm
  const [rows, ms] = [at + C.novelty + N.holdFrom, at + C.novelty + N.holdMs]
  if (acceptAfter === undefined || !isFrozen(f, at, spec)) {
    f[rows] = 0
    return false
  }
  if (f[rows] === 0) f[ms] = timeMs
  f[rows] = f[rows]! + 1
  return f[rows]! > acceptAfter.rows || timeMs - f[ms]! >= acceptAfter.ms
}
