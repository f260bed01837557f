import { describe, expect, it } from 'vitest'
import { faults } from '../../../src/demo/faults.ts'
import { Findings } from '../../../src/demo/findings.ts'
import type { RealMachine } from '../../../src/demo/real-machine.ts'
import { summarize, summaryText } from '../../../src/demo/summary.ts'
import { JsonTeller, type Paint, spanText, TextTeller } from '../../../src/demo/teller.ts'
import type { AlarmTransition } from '../../../src/domain/alarm.ts'

const machine: RealMachine = {
  sensor: 'plant/hall/real-machine/temperature',
  labels: { area: 'hall', asset: 'real-machine', measurement: 'temperature' },
  timeMs: new Float64Array(0),
  value: new Float64Array(0),
  failures: [
    { startMs: 100, endMs: 200 },
    { startMs: 300, endMs: 400 },
  ],
}
const plain = (text: string) => text
const noPaint: Paint = { bold: plain, dim: plain, red: plain, green: plain, yellow: plain, cyan: plain }
const leak = faults.find((fault) => fault.kind === 'leak')!

let occurrence = 0

function raise(sensor: string, timeMs: number, id = `occurrence-${occurrence++}`): AlarmTransition {
  return {
    transitionId: `${id}-${timeMs}`,
    from: 'normal',
    raisedTime: timeMs,
    alarm: {
      id,
      fingerprint: 'f',
      plant: 'demo',
      sensor,
      asset: sensor.split('/')[2]!,
      class: 'process',
      state: 'unack',
      priority: 'medium',
      eventTime: timeMs,
      detectedTime: timeMs,
      value: 1,
      expected: 2,
      lower: 0,
      upper: 3,
      score: 0.9,
      message: 'lower than expected',
    },
  }
}

function findingsWithLeak(): Findings {
  const findings = new Findings(machine)
  findings.inject({ number: 1, fault: leak, startMs: 1_000, endMs: 2_000 }, 1_000, 2_500)
  return findings
}

const figures = { sensors: 40, plantHours: 5, machineDays: 79, readings: 1_000, seconds: 0.5, history: 10 }

describe('the score of the demo', () => {
  it('counts a fault by the first alarm on its own sensor, although another sensor of the asset was earlier', () => {
    const findings = findingsWithLeak()
    expect(findings.judge(raise('plant/yard/tank-1/inlet_flow', 1_200))).toMatchObject({
      verdict: { about: 'fault', on: 'asset' },
    })
    findings.judge(raise(leak.sensor, 1_400))
    findings.judge(raise(leak.sensor, 1_700))
    expect(findings.records[0]!.found).toEqual({ on: 'sensor', sensor: leak.sensor, afterMs: 400 })
    expect(findings.falseAlarms).toEqual([])
  })

  it('counts a fault on an asset that it reaches, and says so', () => {
    const findings = findingsWithLeak()
    findings.judge(raise('plant/hall/pump-1/suction_pressure', 1_500))
    const summary = summarize(findings, figures)
    expect(summary).toMatchObject({ injected: 1, found: 1, foundOnSensor: 0, foundOnAsset: 1, missed: 0 })
    expect(summary.faults[0]).toMatchObject({ found: 'asset', by: 'plant/hall/pump-1/suction_pressure', delayMs: 500 })
  })

  it('accepts an alarm until the tolerance is over, and calls any other false', () => {
    const findings = findingsWithLeak()
    expect(findings.judge(raise(leak.sensor, 999)).verdict.about).toBe('nothing')
    expect(findings.judge(raise(leak.sensor, 2_501)).verdict.about).toBe('nothing')
    expect(findings.judge(raise('plant/hot-end/furnace-1/fuel_flow', 1_500)).verdict.about).toBe('nothing')
    expect(findings.judge(raise(leak.sensor, 2_500)).verdict.about).toBe('fault')
    expect(summarize(findings, figures).falseAlarms).toHaveLength(3)
  })

  it('does not count an occurrence again that is raised again after the fault', () => {
    const findings = findingsWithLeak()
    findings.judge(raise(leak.sensor, 1_500, 'same'))
    expect(findings.judge(raise(leak.sensor, 9_000, 'same')).again).toBe(true)
    expect(findings).toMatchObject({ alarms: 1, falseAlarms: [] })
  })

  it('holds the alarms of the real machine against its labelled windows', () => {
    const findings = new Findings(machine)
    expect(findings.judge(raise(machine.sensor, 150)).verdict).toEqual({ about: 'failure', number: 1, first: true })
    expect(findings.judge(raise(machine.sensor, 160)).verdict).toEqual({ about: 'failure', number: 1, first: false })
    expect(findings.judge(raise(machine.sensor, 250)).verdict.about).toBe('nothing')
    const { realMachine } = summarize(findings, figures)
    expect(realMachine).toMatchObject({ found: 1, missed: 1 })
    expect(realMachine.failures.map((failure) => failure.firstAlarm)).toEqual([150, null])
    expect(realMachine.outside).toHaveLength(1)
  })

  it('names what was missed and what was false in the printed summary', () => {
    const findings = findingsWithLeak()
    findings.judge(raise('plant/hot-end/furnace-1/fuel_flow', 1_500))
    const text = summaryText(summarize(findings, figures), noPaint)
    expect(text).toContain('1 fault injected, 0 found, 1 missed; 1 false alarm\n')
    expect(text).toMatch(/leak +yard\/tank-1\/level .*missed/)
    expect(text).toContain('hot-end/furnace-1/fuel_flow  lower than expected')
    expect(text).toContain('1000 readings scored in 0.5 s: 2000 readings/s')
  })
})

describe('the terminal of the demo', () => {
  it('tells a fault and the alarm that found it, in plain lines', () => {
    const findings = findingsWithLeak()
    let text = ''
    const teller = new TextTeller((line) => {
      text += line
    }, noPaint)
    teller.fault(findings.records[0]!.injected, 1_000, 121_000)
    const transition = raise(leak.sensor, 1_400)
    teller.alarm(transition, findings.judge(transition))
    const [fault, alarm] = text.split('\n')
    expect(fault).toContain('fault   1  leak at yard/tank-1/level for 2 min: a drain valve was left open')
    expect(alarm).toContain('ALARM   yard/tank-1/level  lower than expected  [fault 1 found at once]')
    expect(text).not.toContain('\u001b')
  })

  it('tells machines the same as one JSON object a line', () => {
    const findings = findingsWithLeak()
    const lines: string[] = []
    const teller = new JsonTeller((line) => lines.push(line))
    const transition = raise(leak.sensor, 1_400)
    teller.alarm(transition, findings.judge(transition))
    expect(JSON.parse(lines[0]!)).toMatchObject({
      event: 'alarm',
      alarm: { sensor: leak.sensor },
      verdict: { about: 'fault', fault: 1, on: 'sensor', afterMs: 400 },
    })
  })

  it('writes spans of time in words', () => {
    expect([45_000, 180_000, 7_200_000, 7_800_000].map(spanText)).toEqual(['45 s', '3 min', '2 h', '2 h 10 min'])
  })
})
