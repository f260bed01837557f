import { OperatingError } from '../../base/errors.ts'
import type { Layout } from './layout.ts'
import { createMemory, type WasmMemory } from './web-assembly.ts'

/** Rows of a tile, as in assembly/step.ts. */
const tileRows = 16

/** Bytes of the fields that the threads share, a cache line each, as `Job` in assembly/plan.ts. */
const jobBytes = 5 * 64

const pageBytes = 65_536
const pagesMax = 65_536

/** Bytes of a batch's rows, x and y at most, unless one row is larger. */
const batchBytes = 4 * 2 ** 20
const batchRowsMax = 16_384

/** A model in its memory: addresses of everything that TypeScript touches. */
export interface Placed {
  readonly memory: WasmMemory
  readonly plan: number
  readonly job: number
  /** One room a thread. */
  readonly tiles: readonly number[]
  readonly batchRows: number
  readonly rows: number
  readonly x: number
  readonly y: number
  readonly arena: number
  /** Float32 of a row. */
  readonly stateSize: number
}

/** How a model is placed. */
export interface PlaceOptions {
  readonly slots: number
  readonly threads: number
  readonly guarded: boolean
  readonly limit: number
}

/**
 * Makes the memory of a laid-out model: weights and plan, rooms of the threads, the batch, and the arena of all slots.
 *
 * Errors: `OperatingError('model')` when it would need more than 4 GiB, or more than the machine gives.
 */
export function placeModel(name: string, layout: Layout, options: PlaceOptions): Placed {
  const { slots, threads } = options
  const { program, inputs, outputs, outputAt } = layout
  const { image } = program
  const runs = image.place(
    Int32Array.from(program.runs.flatMap(({ arenaAt, tileAt, bytes }) => [arenaAt, tileAt, bytes])),
  )
  const places = image.place(Int32Array.from(program.inputPlaces))
  const operations = program.encode()
  const fields = new Int32Array(17)
  const plan = image.place(fields)
  const job = image.reserve(jobBytes)
  const tiles = Array.from({ length: threads }, () => image.reserve(tileRows * program.tileBytes))
  const batchRows = Math.max(64, Math.min(batchRowsMax, Math.floor(batchBytes / (4 * (1 + inputs + outputs)))))
  const rows = image.reserve(batchRows * 4)
  const x = image.reserve(batchRows * inputs * 4)
  const y = image.reserve(batchRows * outputs * 4)
  const arena = image.reserve(slots * program.arenaBytes)
  // In the order of `Plan` in assembly/plan.ts.
  fields.set([inputs, outputs, program.arenaBytes, arena, program.tileBytes, outputAt, runs, program.runs.length])
  fields.set([places, program.inputPlaces.length, operations.at, operations.count, options.guarded ? 1 : 0, 0], 8)
  new Float32Array(fields.buffer)[13] = options.limit
  fields.set([rows, x, y], 14)
  const memory = makeMemory(name, slots, program.arenaBytes, image.bytes)
  image.write(memory)
  return { memory, plan, job, tiles, batchRows, rows, x, y, arena, stateSize: program.arenaBytes / 4 }
}

function makeMemory(name: string, slots: number, rowBytes: number, bytes: number): WasmMemory {
  const pages = Math.ceil(bytes / pageBytes)
  const needs = `${name}: ${slots} slots of ${rowBytes} bytes need ${(bytes / 2 ** 30).toFixed(2)} GiB`
  if (pages > pagesMax) throw new OperatingError('model', `${needs}; one process has at most 4 GiB: use fewer slots`)
  try {
    return createMemory(pages)
  } catch (cause) {
    throw new OperatingError('model', `${needs}, which this machine does not give`, { cause })
  }
}
