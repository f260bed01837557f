import { guardLimit } from './guard.ts'
import type { Kernel } from './kernel.ts'
import type { Model } from './model.ts'
import { requireStreamable } from './streamable.ts'
import { layOut } from './wasm/layout.ts'
import { instantiate, kernelModule } from './wasm/module.ts'
import { placeModel } from './wasm/place.ts'
import type { WasmMemory, WasmModule } from './wasm/web-assembly.ts'

/** What a worker needs to serve: it instantiates `module` over `memory` and calls `serve(plan, tile, job, spins)`. */
export interface WorkerTask {
  readonly module: WasmModule
  readonly memory: WasmMemory
  readonly plan: number
  readonly tile: number
  readonly job: number
  readonly spins: number
}

/** How the WASM kernel runs. */
export interface WasmOptions {
  /** false: bad numbers are computed as they are, as in windows. Default true. */
  readonly guarded?: boolean
  /** Lets the machine fuse multiply and add: faster on some, but results differ in the last bits from machine to machine. */
  readonly relaxed?: boolean
  /** Starts a worker thread that serves the task, for each thread besides this one; none by default. */
  readonly workers?: { readonly count: number; readonly start: (task: WorkerTask) => void } | undefined
}

/** A batch smaller than this is done by this thread alone: waking another costs more. */
const sharedRowsMin = 256

/** Rounds that a worker looks for the next batch before it sleeps: about a tenth of a millisecond. */
const spins = 20_000

/** Words of a job, 64 bytes apart, as `Job` in wasm/assembly/plan.ts. */
const generationAt = 0
const stopAt = 3

/** Up to so many rows are written by index: a bulk copy has a fixed cost. */
const fewRows = 4

/**
 * Whether the WASM kernel computes this model; it has no cells with activations of their own (Keras, ONNX).
 */
export function runsOnWasm(model: Model): boolean {
  return model.graph.nodes.every(
    (node) => node.op !== 'recurrent' || (node.gateActivation === null && node.cellActivation === null),
  )
}

/**
 * The kernel in WASM SIMD: tiles of 16 rows are gathered from the arena, computed node after node, and scattered.
 *
 * A row's bits depend on nothing but its own state and input: not on the batch, the order, the threads or the machine.
 * Shapes:  state (S, stateSize): per recurrent node h, then c; per attention its ring; each rounded up to four floats.
 * Errors:  `OperatingError('model')` for a model that needs whole windows, or more memory than 4 GiB.
 */
export function createWasmKernel(model: Model, slots: number, options: WasmOptions = {}): Kernel {
  requireStreamable(model)
  const { guarded = true, relaxed = false, workers } = options
  const limit = guarded ? guardLimit(model) : Number.POSITIVE_INFINITY
  const layout = layOut(model.graph, model.tensors, limit)
  const threads = 1 + (workers?.count ?? 0)
  const placed = placeModel(model.name, layout, { slots, threads, guarded, limit })
  const module = kernelModule(relaxed)
  const engine = instantiate(module, placed.memory)
  const { buffer } = placed.memory
  const { plan, job, batchRows } = placed
  const [tile, ...workerTiles] = placed.tiles
  for (const own of workerTiles) workers!.start({ module, memory: placed.memory, plan, tile: own, job, spins })
  const jobWords = new Int32Array(buffer, job, 5 * 16)
  const batch = {
    rows: new Int32Array(buffer, placed.rows, batchRows),
    x: new Float32Array(buffer, placed.x, batchRows * layout.inputs),
    y: new Float32Array(buffer, placed.y, batchRows * layout.outputs),
  }
  const compute = (count: number): void => {
    if (threads === 1 || count < sharedRowsMin) engine.step(plan, tile!, 0, count)
    else engine.run(plan, tile!, job, count)
  }
  return {
    name: relaxed ? 'wasm-1-relaxed' : 'wasm-1',
    inputSize: layout.inputs,
    outputSize: layout.outputs,
    stateSize: placed.stateSize,
    state: new Float32Array(buffer, placed.arena, slots * placed.stateSize),
    stateAt: (stateIndex) => layout.states[stateIndex]!,
    step(rows, count, x, y) {
      for (let from = 0; from < count; from += batchRows) {
        const n = Math.min(batchRows, count - from)
        copyIn(batch.rows, rows, from, n)
        copyIn(batch.x, x, from * layout.inputs, n * layout.inputs)
        compute(n)
        copyOut(batch.y, y, from * layout.outputs, n * layout.outputs)
      }
    },
    close() {
      Atomics.store(jobWords, stopAt * 16, 1)
      Atomics.add(jobWords, generationAt, 1)
      Atomics.notify(jobWords, generationAt)
    },
  }
}

function copyIn<A extends Int32Array | Float32Array>(to: A, from: A, at: number, n: number): void {
  if (n <= fewRows) for (let i = 0; i < n; i++) to[i] = from[at + i]!
  else to.set(n === from.length ? from : from.subarray(at, at + n))
}

function copyOut(from: Float32Array, to: Float32Array, at: number, n: number): void {
  if (n <= fewRows) for (let i = 0; i < n; i++) to[at + i] = from[i]!
  else to.set(from.subarray(0, n), at)
}
