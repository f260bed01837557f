import { computed, effect, signal } from '@preact/signals'
import type { AlarmTransition } from '../../domain/alarm.ts'
import type { PipelineStatus, SensorSummary } from '../../runtime/api.ts'
import { alarmsStale, lastAlarm } from './alarm-data.ts'
import { EventStreamParser, type StreamEvent } from './event-stream.ts'
import { route } from './hash-route.ts'
import { agrees, applySensors, loadSensors, status } from './plant.ts'
import { ask, signInNeeded, token } from './request.ts'
import { refreshSparklines } from './sparkline-data.ts'

/** How the page stands to the server. */
export type Connection = 'connecting' | 'live' | 'reconnecting'

/** The state of the live stream. */
export const connection = signal<Connection>('connecting')
/** Wall time of the last event, to say how old the figures are while the stream is away. */
export const lastEventMs = signal<number | null>(null)

/** The server says something every 2 s; longer silence means that the connection is dead. */
const silenceMs = 9_000
/** Status events in a row, one every 2 s, after which the list is read anew. */
const disagreementsMax = 3
/** Sensors up to which the overview is refreshed twice a second; beyond it every two seconds. */
const sensorsAtFullRate = 2_000
const retryMs = [500, 1_000, 2_000, 4_000, 8_000] as const

const rows = new Map<string, SensorSummary>()
const transitions: AlarmTransition[] = []
let figures: PipelineStatus | null = null
let scheduled = false
let disagreed = 0
let current: AbortController | undefined

/** Reads the list anew when it went on disagreeing with the figures; a moment of it is only the time between events. */
function check(figure: PipelineStatus): void {
  disagreed = agrees(figure) ? 0 : disagreed + 1
  if (disagreed < disagreementsMax || current === undefined || route.value.view === 'sensor') return
  disagreed = 0
  loadSensors(current.signal).catch(() => undefined)
}

function flush(): void {
  scheduled = false
  const newest = [...rows.values()]
  rows.clear()
  applySensors(newest)
  if (figures !== null) {
    status.value = figures
    check(figures)
  }
  figures = null
  for (const transition of transitions.splice(0)) lastAlarm.value = transition
}

/** Everything of one frame is drawn at once; a page in the background draws once a second. */
function schedule(): void {
  if (scheduled) return
  scheduled = true
  if (document.hidden) setTimeout(flush, 1_000)
  else requestAnimationFrame(flush)
}

function take({ event, data }: StreamEvent): void {
  lastEventMs.value = Date.now()
  if (event === 'scores') {
    for (const row of (JSON.parse(data) as { sensors: SensorSummary[] }).sensors) rows.set(row.id, row)
  } else if (event === 'alarm') transitions.push((JSON.parse(data) as { transition: AlarmTransition }).transition)
  else if (event === 'status') figures = (JSON.parse(data) as { status: PipelineStatus }).status
  schedule()
}

async function read(body: ReadableStream<Uint8Array>, abort: AbortController): Promise<void> {
  const parser = new EventStreamParser()
  const decoder = new TextDecoder()
  const reader = body.getReader()
  let timer = setTimeout(() => abort.abort(), silenceMs)
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      clearTimeout(timer)
      timer = setTimeout(() => abort.abort(), silenceMs)
      for (const event of parser.push(decoder.decode(value, { stream: true }))) take(event)
    }
  } finally {
    clearTimeout(timer)
  }
}

/** Whether so many sensors move that showing them twice a second would only heat the reader's device. */
const large = computed(() => (status.value?.sensors ?? 0) > sensorsAtFullRate)

/** What the view needs: all sensors slowly, or one sensor at full rate. */
function wish(): string {
  const now = route.value
  if (now.view === 'sensor') return `api/v1/live?hz=5&sensor=${encodeURIComponent(now.id)}`
  return large.value ? 'api/v1/live?hz=0.5' : 'api/v1/live?hz=2'
}

let attempt = 0
let retry: ReturnType<typeof setTimeout> | undefined

async function connect(path: string): Promise<void> {
  current?.abort()
  clearTimeout(retry)
  const abort = new AbortController()
  current = abort
  try {
    const response = await ask(path, { signal: abort.signal })
    if (response.body === null) return
    // The stream is open before the lists are read, so that nothing falls between the two.
    if (!path.includes('sensor=')) await loadSensors(abort.signal)
    const returned = connection.value === 'reconnecting'
    connection.value = 'live'
    attempt = 0
    if (returned) {
      refreshSparklines()
      alarmsStale.value++
    }
    await read(response.body, abort)
  } catch {
    // Whatever went wrong, what follows is the same: wait a little and try again.
  }
  if (current !== abort || signInNeeded.value) return
  connection.value = 'reconnecting'
  retry = setTimeout(() => void connect(wish()), retryMs[Math.min(attempt++, retryMs.length - 1)])
}

/** Connects, reconnects, and follows the view and the token from now on. */
export function startLive(): void {
  let before = ''
  effect(() => {
    const path = wish()
    const key = `${path} ${token.value} ${signInNeeded.value}`
    if (key === before || signInNeeded.value) return
    before = key
    void connect(path)
  })
  addEventListener('online', () => {
    attempt = 0
    if (connection.value === 'reconnecting') void connect(wish())
  })
}
