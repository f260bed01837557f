import { readdirSync, readFileSync, statSync } from 'node:fs'
import { type FileHandle, open, readFile, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { limits } from '../base/limits.ts'
import { OutcomeFrame, type TopChannel } from '../domain/outcome.ts'
import type { SensorCatalog } from '../domain/sensor.ts'
import { makeDirectory } from '../ports/make-directory.ts'

interface Segment {
  readonly number: number
  bytes: number
  readings: number
}

/** One batch on disk: sensor ids once, then the columns; NaN as null. */
interface SpilledBatch {
  readonly n: number
  readonly ids: readonly string[]
  readonly rows: readonly (readonly (number | null)[])[]
  /** Leading channels of those rows that are ticks of an asset, by row. */
  readonly top?: Readonly<Record<number, readonly TopChannel[]>>
}

const columns = [
  'timeMs',
  'arrivalMs',
  'value',
  'expected',
  'lower',
  'upper',
  'residual',
  'score',
  'alarm',
  'quality',
] as const

/**
 * Scores on disk while their sink is down: batches in order, one JSON line each, in numbered segments.
 *
 * `append` resolves when the line is synced. The oldest segment is dropped and counted beyond the byte limit. A batch
 * removed but not yet deleted with its segment is sent again after a crash; sinks overwrite, so that is harmless.
 */
export class SpillQueue {
  readonly #directory: string
  readonly #catalog: SensorCatalog
  readonly #limitBytes: number
  readonly #segmentBytes: number
  readonly #segments: Segment[] = []
  /** Lines of the first segment that wait, and how many before them are done. */
  #lines: string[] | undefined
  #removed = 0
  #writing: FileHandle | undefined

  constructor(
    directory: string,
    catalog: SensorCatalog,
    limitBytes: number,
    segmentBytes: number = limits.spillSegmentBytes,
  ) {
    this.#directory = directory
    this.#catalog = catalog
    this.#limitBytes = limitBytes
    this.#segmentBytes = Math.min(segmentBytes, Math.max(1, Math.floor(limitBytes / 4)))
    makeDirectory(directory)
    for (const name of readdirSync(directory).sort()) {
      const match = /^(\d+)\.ndjson$/.exec(name)
      if (match === null) continue
      const path = join(directory, name)
      const lines = completeLines(readFileSync(path, 'utf8'))
      const readings = lines.reduce((sum, line) => sum + countOf(line), 0)
      this.#segments.push({ number: Number(match[1]), bytes: statSync(path).size, readings })
    }
  }

  /** Readings on disk. */
  get readings(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.readings, 0)
  }

  get bytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.bytes, 0)
  }

  /** Writes a batch behind all others and syncs it; returns the readings dropped to stay within the limit. */
  async append(frame: OutcomeFrame): Promise<number> {
    const line = `${JSON.stringify(this.#encode(frame))}\n`
    let tail = this.#segments.at(-1)
    if (tail === undefined || this.#writing === undefined || tail.bytes >= this.#segmentBytes) {
      await this.#writing?.close()
      tail = { number: (tail?.number ?? 0) + 1, bytes: 0, readings: 0 }
      this.#writing = await open(this.#path(tail), 'a')
      this.#segments.push(tail)
    }
    await this.#writing.appendFile(line)
    await this.#writing.datasync()
    tail.bytes += Buffer.byteLength(line)
    tail.readings += frame.count
    return this.#dropBeyondLimit()
  }

  /** The oldest batch, still on disk; undefined when there is none. */
  async peek(): Promise<OutcomeFrame | undefined> {
    for (let segment = this.#segments[0]; segment !== undefined; segment = this.#segments[0]) {
      // Lines appended to the segment being read are found when it is read again.
      if (this.#lines === undefined || this.#lines.length === 0) await this.#read(segment)
      const line = this.#lines?.[0]
      if (line !== undefined) {
        const batch = this.#decode(line)
        if (batch !== undefined) return batch
        await this.remove()
        continue
      }
      await this.#delete()
    }
    return undefined
  }

  /** Forgets the batch that `peek` gave. */
  async remove(): Promise<void> {
    const segment = this.#segments[0]
    const line = this.#lines?.shift()
    if (segment === undefined || line === undefined) return
    segment.readings = Math.max(0, segment.readings - countOf(line))
    this.#removed += 1
    if (segment.readings === 0) await this.#delete()
  }

  async close(): Promise<void> {
    await this.#writing?.close()
    this.#writing = undefined
  }

  async #read(segment: Segment): Promise<void> {
    this.#lines = completeLines(await readFile(this.#path(segment), 'utf8')).slice(this.#removed)
  }

  async #delete(): Promise<void> {
    const segment = this.#segments.shift()
    this.#lines = undefined
    this.#removed = 0
    if (segment === undefined) return
    if (this.#segments.length === 0) await this.close()
    await unlink(this.#path(segment)).catch(() => undefined)
  }

  async #dropBeyondLimit(): Promise<number> {
    let dropped = 0
    while (this.bytes > this.#limitBytes && this.#segments.length > 1) {
      dropped += this.#segments[0]!.readings
      await this.#delete()
    }
    return dropped
  }

  #path(segment: Segment): string {
    return join(this.#directory, `${String(segment.number).padStart(10, '0')}.ndjson`)
  }

  #encode(frame: OutcomeFrame): SpilledBatch {
    const index = new Map<number, number>()
    const ids: string[] = []
    const rows: (number | null)[][] = []
    const top: Record<number, readonly TopChannel[]> = {}
    for (let row = 0; row < frame.count; row++) {
      const slot = frame.slot[row]!
      let id = index.get(slot)
      if (id === undefined) {
        id = ids.length
        index.set(slot, id)
        ids.push(this.#catalog.key(slot))
      }
      rows.push([id, ...columns.map((column) => nullable(frame[column][row]!))])
      const leading = frame.top(row)
      if (leading !== undefined) top[row] = leading
    }
    return { n: frame.count, ids, rows, ...(Object.keys(top).length > 0 ? { top } : {}) }
  }

  #decode(line: string): OutcomeFrame | undefined {
    const batch = parseBatch(line)
    if (batch === undefined) return undefined
    const slots = batch.ids.map((id) => this.#catalog.intern(id))
    const frame = new OutcomeFrame(batch.n)
    for (const [index, row] of batch.rows.entries()) {
      const slot = slots[row[0] ?? -1] ?? -1
      if (slot < 0) continue
      const at = frame.count
      frame.slot[at] = slot
      for (let column = 0; column < columns.length; column++) {
        frame[columns[column]!][at] = row[column + 1] ?? Number.NaN
      }
      frame.setTop(at, batch.top?.[index])
      frame.count = at + 1
    }
    return frame
  }
}

function nullable(value: number): number | null {
  return Number.isFinite(value) ? value : null
}

/** A line cut off by a crash has no newline and was never taken. */
function completeLines(text: string): string[] {
  const lines = text.split('\n')
  lines.pop()
  return lines
}

function countOf(line: string): number {
  return Number(/^\{"n":(\d+)/.exec(line)?.[1] ?? 0)
}

function parseBatch(line: string): SpilledBatch | undefined {
  try {
    return JSON.parse(line) as SpilledBatch
  } catch {
    return undefined
  }
}
