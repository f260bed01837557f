import { AlarmListener, isRaise } from '../demo/alarm-listener.ts'
import { createFaultSchedule, type InjectedFault } from '../demo/fault-schedule.ts'
import { faults, toleranceMinutes } from '../demo/faults.ts'
import { Findings } from '../demo/findings.ts'
import { historyRows } from '../demo/history.ts'
import { SampleClock, SampleSource } from '../demo/sample-source.ts'
import { type Summary, summarize } from '../demo/summary.ts'
import type { Log } from '../ports/log.ts'
import { createDemoEngine, createWorld, plantStartMs, plantStepMs } from './demo-plant.ts'

const minuteMs = 60_000
/** The sample's faults follow one another every four hours, so that each is over before the next begins. */
const everyMinutes = 240
/** Readings of each plant sensor in the sample: two quiet hours, then every fault of the table with room after it. */
const sampleSteps = 120 + faults.length * everyMinutes

function sampleFaults(startMs: number): InjectedFault[] {
  const schedule = createFaultSchedule({ startMs, firstMinutes: 120, everyMinutes, rounds: 1 })
  const all: InjectedFault[] = []
  for (let next = schedule.next(); next !== undefined; next = schedule.next()) all.push(next)
  return all
}

/**
 * Runs the demo's sample to its end at full speed: the history, then every fault injected once, the whole record of the
 * real machine, through the same engine as everything else. The same seed gives the same findings.
 */
export async function runSample(options: { readonly seed: number; readonly log: Log }): Promise<Summary> {
  const { seed, log } = options
  const world = createWorld(seed)
  const { plant, machine } = world
  const startMs = plantStartMs + historyRows * plantStepMs
  const findings = new Findings(machine)
  const injected = sampleFaults(startMs)
  for (const fault of injected) findings.inject(fault, fault.startMs, fault.endMs + toleranceMinutes * minuteMs)
  const clock = new SampleClock(startMs)
  const source = new SampleSource({ plant, machine, faults: injected, steps: sampleSteps, clock })
  const listener = new AlarmListener((transition) => {
    if (isRaise(transition)) findings.judge(transition)
  })
  const { engine } = await createDemoEngine({
    world,
    stepMs: plantStepMs,
    stampMs: (row) => plantStartMs + (row + 1) * plantStepMs,
    sources: [source],
    sinks: [listener],
    clock,
    log,
    // Every delivery is committed at once, because the source waits for that.
    checkpointReadings: 1,
  })
  const beganMs = performance.now()
  await engine.start()
  await engine.finished
  const seconds = (performance.now() - beganMs) / 1_000
  const { readings } = engine.api.status()
  await engine.stop()
  const rows = machine.timeMs
  return summarize(findings, {
    sensors: plant.sensors.length,
    plantHours: sampleSteps / 60,
    machineDays: Math.round((rows.at(-1)! - rows[0]!) / 86_400_000),
    readings,
    seconds,
    history: historyRows * (plant.sensors.length + 1),
  })
}
