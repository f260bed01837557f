import { type Signal, signal } from '@preact/signals'
import { sparklinePoints } from './overview/sparkline-path.ts'
import { askJson } from './request.ts'

const idsPerRequest = 50
const queryCharactersMax = 6_000

type Values = readonly (number | null)[]

const lines = new Map<string, Signal<Values | null>>()
const wanted = new Set<string>()
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

/** The sparkline of a sensor, fetched with others that come into view at the same time; null until it is here. */
export function sparkline(id: string): Signal<Values | null> {
  let line = lines.get(id)
  if (line === undefined) {
    line = signal<Values | null>(null)
    lines.set(id, line)
  }
  if (line.peek() === null) request(id)
  return line
}

/** Adds a live value, where the line is known. */
export function appendSparkline(id: string, value: number | null): void {
  const line = lines.get(id)
  const values = line?.peek()
  if (line === undefined || values === null || values === undefined) return
  line.value = [...values.slice(1 - sparklinePoints), value]
}

/** Fetches every known line anew, after the live stream was away. */
export function refreshSparklines(): void {
  for (const id of lines.keys()) request(id)
}
