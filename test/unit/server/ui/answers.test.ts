import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { silentLog } from '../../../../src/ports/log.ts'
import { createServer } from '../../../../src/server/server.ts'
import { ScriptedApi, sensor, silentMetrics, transition } from '../fixtures.ts'

const api = new ScriptedApi([sensor('s1'), sensor('new', { time: null })])
api.transitions = [transition('a1', 's1')]
const { inject } = createServer({
  api,
  metrics: silentMetrics,
  options: { host: '127.0.0.1', port: 0 },
  log: silentLog,
  uiDirectory: '/nonexistent',
  version: '1.2.3',
})
const { signal } = new AbortController()

beforeAll(() => {
  vi.stubGlobal('sessionStorage', { getItem: () => null })
  vi.stubGlobal('fetch', async (path: string) => new Response((await inject(`/${path}`)).body))
})
afterAll(() => void vi.unstubAllGlobals())

describe("the server's answers", () => {
  it('are to the page what they are to the pipeline, with times in milliseconds', async () => {
    const { askAlarms, askHistory, askSensor, askSensors } = await import('../../../../src/server/ui/answers.ts')
    expect((await askSensors('api/v1/sensors', signal)).items).toEqual([...api.sensorsById.values()])
    expect(await askSensor('api/v1/sensors/s1', signal)).toEqual(sensor('s1'))
    expect(await askHistory('api/v1/sensors/s1/history', signal)).toEqual(api.history('s1', { points: 10 }))
    expect((await askAlarms('api/v1/alarms', signal)).items).toEqual(api.transitions)
  })
})
