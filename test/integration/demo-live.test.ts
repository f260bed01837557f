import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connectAsync } from 'mqtt'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { type LiveDemo, type LiveOptions, startLiveDemo } from '../../src/cli/demo-live.ts'
import type { Judgement } from '../../src/demo/findings.ts'
import type { Teller } from '../../src/demo/teller.ts'
import type { AlarmTransition } from '../../src/domain/alarm.ts'
import { silentLog } from '../../src/ports/log.ts'

const folder = mkdtempSync(join(tmpdir(), 'residua-demo-'))
const alarms: { readonly transition: AlarmTransition; readonly judgement: Judgement }[] = []
const told: string[] = []
const teller: Teller = {
  started: () => told.push('started'),
  fault: (injected) => told.push(injected.fault.kind),
  alarm: (transition, judgement) => alarms.push({ transition, judgement }),
  returned: () => undefined,
  recordEnded: () => undefined,
}
const options: LiveOptions = {
  host: '127.0.0.1',
  port: 0,
  speed: 10,
  seed: 1,
  teller,
  log: silentLog,
  uiDirectory: folder,
}
let demo: LiveDemo

beforeAll(async () => {
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Residua</title>')
  demo = await startLiveDemo(options)
})

afterAll(async () => {
  await demo.stop()
  rmSync(folder, { recursive: true })
})

async function json(path: string): Promise<Record<string, unknown>> {
  return (await (await fetch(demo.page + path)).json()) as Record<string, unknown>
}

describe('the live demo', () => {
  it('answers with the page and with sensors that have learned already', async () => {
    const page = await fetch(demo.page)
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('Residua')
    const sensors = await json('/api/v1/sensors?limit=100')
    expect(sensors['total']).toBe(41)
    expect((sensors['items'] as { state: string }[]).every((sensor) => sensor.state !== 'warmup')).toBe(true)
  })

  it('takes readings over real MQTT, and a first fault becomes an alarm that the page shows', async () => {
    await vi.waitFor(() => expect(alarms.some(({ judgement }) => judgement.verdict.about === 'fault')).toBe(true), {
      timeout: 50_000,
      interval: 100,
    })
    const found = alarms.find(({ judgement }) => judgement.verdict.about === 'fault')!
    expect(told.slice(0, 2)).toEqual(['started', 'spike burst'])
    const shown = (await json('/api/v1/alarms?limit=50'))['items'] as AlarmTransition[]
    expect(JSON.stringify(shown)).toContain(found.transition.alarm.id)
    const metrics = await (await fetch(`${demo.page}/metrics`)).text()
    expect(Number(/residua_readings_total\{source="mqtt"\} (\d+)/.exec(metrics)?.[1])).toBeGreaterThan(100)
    expect(metrics).toMatch(/residua_anomaly_score\{sensor="plant\/hall\/pump-1\/flow"\}/)
  })

  it("takes a visitor's readings on its broker, with the topic's levels as labels", async () => {
    const visitor = await connectAsync(demo.broker, { protocolVersion: 4 })
    await visitor.publishAsync('plant/office/kettle-1/temperature', '{"value":96.5}', { qos: 1 })
    const id = encodeURIComponent('plant/office/kettle-1/temperature')
    await vi.waitFor(async () => {
      expect(await json(`/api/v1/sensors/${id}`)).toMatchObject({ value: 96.5, asset: 'kettle-1', state: 'warmup' })
    })
    await visitor.endAsync()
  })

  it('says which option helps when the port is taken, and leaves nothing running', async () => {
    const occupied = createServer()
    await new Promise<void>((resolve) => occupied.listen(0, '127.0.0.1', resolve))
    const { port } = occupied.address() as { port: number }
    await expect(startLiveDemo({ ...options, port })).rejects.toMatchObject({
      code: 'listen',
      message: `another program already listens on 127.0.0.1:${port}; choose another one, such as --port ${port + 1}`,
    })
    await new Promise((resolve) => occupied.close(resolve))
  })
})
