import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createFaultSchedule } from '../../../src/demo/fault-schedule.ts'
import { historyRows } from '../../../src/demo/history.ts'
import { createPlant } from '../../../src/demo/plant.ts'
import { Player } from '../../../src/demo/player.ts'
import { loadRealMachine } from '../../../src/demo/real-machine.ts'

const startMs = Date.UTC(2026, 0, 5)
const machine = loadRealMachine()

interface Published {
  readonly topic: string
  readonly ts: number
  readonly value: number
}

function play(machineRows = machine.timeMs.length) {
  const plant = createPlant({ seed: 3, startMs, stepMs: 60_000 })
  const schedule = createFaultSchedule({ startMs: plant.timeMs, firstMinutes: 5, everyMinutes: 60, rounds: 1 })
  const published: Published[] = []
  const told: { readonly kind: string; readonly startMs: number }[] = []
  let ended = 0
  const player = new Player(
    {
      plant,
      machine: { ...machine, timeMs: machine.timeMs.subarray(0, machineRows) },
      schedule,
      clock: { now: () => Date.now() },
      stepMs: 1_000,
      publish: (topic, payload) => published.push({ topic, ...(JSON.parse(payload) as { ts: number; value: number }) }),
      onFault: (injected, faultMs) => told.push({ kind: injected.fault.kind, startMs: faultMs }),
      onRecordEnd: () => {
        ended++
      },
    },
    Date.now() + 1_000,
  )
  const of = (topic: string) => published.filter((message) => message.topic === topic)
  return { player, plant, published, told, of, ended: () => ended }
}

describe('the player', () => {
  beforeEach(() => {
    vi.useFakeTimers({ now: Date.UTC(2026, 4, 1) })
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  it('publishes every sensor of the plant once a step, stamped a step apart, and never ahead of the clock', () => {
    const { player, plant, published, of } = play()
    player.start()
    vi.advanceTimersByTime(4_000)
    player.stop()
    for (const sensor of plant.sensors) {
      const times = of(sensor.id).map((message) => message.ts)
      expect(times).toHaveLength(4)
      expect(new Set(times.slice(1).map((time, index) => time - times[index]!))).toEqual(new Set([1_000]))
    }
    expect(Math.max(...published.map((message) => message.ts))).toBeLessThanOrEqual(Date.now())
  })

  it('replays the real machine beside it, from the row after its history and with its own times', () => {
    const { player, of } = play()
    player.start()
    vi.advanceTimersByTime(10_000)
    player.stop()
    const rows = of(machine.sensor)
    expect(rows[0]).toMatchObject({ ts: machine.timeMs[historyRows], value: machine.value[historyRows] })
    expect(rows.length).toBe(200)
  })

  it('tells each fault with the event time at which it begins', () => {
    const { player, told, of } = play()
    player.start()
    vi.advanceTimersByTime(80_000)
    player.stop()
    expect(told.map((fault) => fault.kind)).toEqual(['spike burst', 'step'])
    expect(told[1]!.startMs - told[0]!.startMs).toBe(60_000)
    const vibration = of('plant/hall/conveyor-1/vibration')
    const hit = vibration.filter((message) => message.value > 3)
    expect(hit.length).toBeGreaterThan(0)
    expect(hit.every((message) => message.ts >= told[0]!.startMs)).toBe(true)
  })

  it('says once that the record is over and plays the plant on', () => {
    const { player, ended, of, plant } = play(historyRows + 30)
    player.start()
    vi.advanceTimersByTime(5_000)
    player.stop()
    expect(ended()).toBe(1)
    expect(of(machine.sensor)).toHaveLength(30)
    expect(of(plant.sensors[0]!.id)).toHaveLength(5)
  })

  it('goes on from now after the process slept, without publishing what it missed', () => {
    const { player, of, plant } = play()
    player.start()
    vi.advanceTimersByTime(2_000)
    vi.setSystemTime(Date.now() + 3_600_000)
    vi.advanceTimersByTime(2_000)
    player.stop()
    const times = of(plant.sensors[0]!.id).map((message) => message.ts)
    expect(times.length).toBeLessThan(8)
    expect(Date.now() - times.at(-1)!).toBeLessThan(1_000)
  })
})

describe('the real machine', () => {
  it('has the record of 79 days and its four labelled failures', () => {
    expect(machine.timeMs).toHaveLength(22_695)
    expect(machine.failures).toHaveLength(4)
    expect(new Date(machine.timeMs[0]!).toISOString()).toBe('2013-12-02T21:15:00.000Z')
    expect(machine.value[0]).toBeCloseTo(73.967, 3)
    for (const { startMs: from, endMs } of machine.failures) expect(endMs).toBeGreaterThan(from)
  })
})
