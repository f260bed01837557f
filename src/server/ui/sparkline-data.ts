import { type Signal, signal } from '@preact/signals'
import { sparklinePoints } from './overview/sparkline-path.ts'
import { askJson } from './request.ts'

const idsPerRequest = 50
const queryCharactersMax = 6_000
/** The server thins a line over the whole past that it keeps, so a new reading does not simply come behind the others. */
const refreshMs = 10_000

type Values = readonly (number | null)[]

const lines = new Map<string, Signal<Values | null>>()
const wanted = new Set<string>()
const watched = new Set<string>()
let timer: ReturnType<typeof setTimeout> | undefined

function nextRequest(): string[] {
  const ids: string[] = []
  let characters = 0
  for (const id of wanted) {
    characters += encodeURIComponent(id).length + 5
    if (ids.length === idsPerRequest || (ids.length > 0 && characters > queryCharactersMax)) break
    ids.push(id)
    wanted.delete(id)
  }
  return ids
}

async function fetchWanted(): Promise<void> {
  timer = undefined
  while (wanted.size > 0) {
    const ids = nextRequest()
    const query = ids.map((id) => `ids=${encodeURIComponent(id)}`).join('&')
    try {
      const answer = await askJson<Record<string, Values>>(`api/v1/sparklines?${query}&points=${sparklinePoints}`)
      for (const id of ids) {
        const line = lines.get(id)
        if (line) line.value = answer[id] ?? []
      }
    } catch {
      // The line stays empty; the next connection asks again for all that are still missing.
      return
    }
  }
}

function request(id: string): void {
  wanted.add(id)
  if (timer === undefined) timer = setTimeout(() => void fetchWanted(), 30)
}

function makeLine(id: string): Signal<Values | null> {
  return signal<Values | null>(null, {
    watched: () => {
      watched.add(id)
      request(id)
    },
    unwatched: () => watched.delete(id),
  })
}

/** The sparkline of a sensor, fetched while it is looked at, with others that come into view; null until it is here. */
export function sparkline(id: string): Signal<Values | null> {
  const line = lines.get(id) ?? makeLine(id)
  lines.set(id, line)
  return line
}

/** Moves the end of a line to a live value; the line itself is fetched anew from time to time. */
export function moveSparkline(id: string, value: number | null): void {
  if (!watched.has(id)) return
  const line = lines.get(id)
  const values = line?.peek()
  if (line === undefined || values === null || values === undefined || values.length < 2) return
  line.value = [...values.slice(0, -1), value]
}

/** Fetches the lines in view anew, as after a while or when the live stream was away. */
export function refreshSparklines(): void {
  for (const id of watched) request(id)
}

setInterval(() => {
  if (!document.hidden) refreshSparklines()
}, refreshMs)
