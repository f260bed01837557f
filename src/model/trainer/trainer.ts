import { assert } from '../../base/assert.ts'
import { OperatingError } from '../../base/errors.ts'
import { inputWidth } from '../graph.ts'
import type { HiddenState } from '../hidden-state.ts'
import { lowerForTraining } from '../lower.ts'
import { createModel, type Model } from '../model.ts'
import { createMemory, type WasmMemory } from '../wasm/web-assembly.ts'
import { type TrainingKernels, trainingKernels } from './kernels.ts'
import { maskKey } from './mask.ts'
import { type TrainedGraph, trainGraph } from './nodes.ts'
import { Tape, type TapeValue } from './tape.ts'
import type { Packed } from './tape-weights.ts'

/** The windows that a trainer takes; its memory is made for them. */
export interface TrainerOptions {
  readonly batch: number
  readonly ticks: number
  /** true (default): x, the output and their gradients are (B,T,·); false: (T,B,·). */
  readonly batchFirst?: boolean
  /** Whether `backward` gives dx as well, as `requires_grad` of x does. Default false: it costs a product. */
  readonly inputGradient?: boolean
  /** Drops values where the architecture says so, by this whole-number seed. Default: nothing is dropped. */
  readonly dropout?: { readonly seed: number }
}

/** What `backward` gives; the arrays are written again by the next one. */
export interface Gradients {
  /** By PyTorch's state dict names, in the shapes of the parameters. */
  readonly byName: ReadonlyMap<string, Float32Array>
  /** In the shape of x, or null unless it was asked for. */
  readonly x: Float32Array | null
  /** Of the state that `forward` started from, in PyTorch's layout. */
  readonly state: HiddenState
}

/** A model that is trained: windows forward, their gradient back. */
export interface Trainer {
  /** Weights by PyTorch's state dict names, changed in place; `repack` makes `forward` see the changes. */
  readonly parameters: ReadonlyMap<string, Float32Array>
  repack(): void
  /**
   * x (B,T,I) from a state, zeros when absent; the output (B,T,O), or (B,O) where the model ends in one vector.
   *
   * For truncated BPTT over consecutive windows, pass the `state` that the last window left: values go on, gradients end.
   */
  forward(x: Float32Array, state?: HiddenState): Float32Array
  /** As `forward` without dropout, to judge the model by. */
  evaluate(x: Float32Array, state?: HiddenState): Float32Array
  /** Batches that dropout was drawn for; with the seed it decides what the next `forward` drops. Set it to go on from there. */
  draws: number
  /** dy is the gradient of the loss at the output of the last `forward`, in its shape. */
  backward(dy: Float32Array): Gradients
  /** The state after the last `forward`. */
  readonly state: HiddenState
  /** The model with the weights as they are now. */
  toModel(): Model
}

/** Tensors that training does not change: statistics of a batch normalisation, which is computed as in evaluation. */
const fixed = /(^|\.)running_(mean|var)$/

const pageBytes = 65_536
const pagesMax = 65_536

/**
 * Makes a model ready for training in float32: truncated BPTT over batches of windows of a fixed size, in WASM SIMD.
 *
 * Works when: every node of the model is known here; batch normalisation uses its stored statistics. Dropout is inverted,
 * a mask a value, or a window for `Dropout1d`; that of an attention drops weights of its looks; `recurrent_dropout` hides
 * units of h from W_h, the same for all ticks and windows of a batch.
 * Shapes: fixed by `options`. Allocates: one memory here; `forward` its output. The same input gives the same bits.
 * Errors: `OperatingError('model')` naming a module that cannot be trained, or when the tape needs more than 4 GiB.
 * Source: backpropagation through time, Werbos 1990; checked against PyTorch's autograd.
 */
export function createTrainer(model: Model, options: TrainerOptions): Trainer {
  const { batch, ticks, inputGradient = false } = options
  assert(Number.isInteger(batch) && batch > 0, `a batch has at least one window, not ${batch}`)
  assert(Number.isInteger(ticks) && ticks > 0, `a window has at least one tick, not ${ticks}`)
  const tape = new Tape(batch, ticks)
  const lowered = options.dropout === undefined ? model.graph : lowerForTraining(model.architecture)
  const graph = trainGraph(tape, lowered, model.tensors, inputGradient)
  const memory = memoryOf(model.name, tape)
  tape.image.write(memory)
  return new WasmTrainer(model, tape, graph, memory, options)
}

function memoryOf(name: string, tape: Tape): WasmMemory {
  const pages = Math.ceil(tape.image.bytes / pageBytes)
  const needs = `${name}: training ${tape.batch} windows of ${tape.ticks} ticks needs ${(tape.image.bytes / 2 ** 30).toFixed(2)} GiB`
  if (pages > pagesMax) throw new OperatingError('model', `${needs}; at most 4 GiB: use a smaller batch`)
  try {
    return createMemory(pages)
  } catch (cause) {
    throw new OperatingError('model', `${needs}, which this machine does not give`, { cause })
  }
}

class WasmTrainer implements Trainer {
  readonly parameters: ReadonlyMap<string, Float32Array>
  readonly #model: Model
  readonly #tape: Tape
  readonly #graph: TrainedGraph
  readonly #kernels: TrainingKernels
  readonly #memory: Float32Array
  readonly #gradients: Map<string, Float32Array>
  readonly #input: TapeValue
  readonly #givesX: boolean
  readonly #batchFirst: boolean
  readonly #seed: number
  draws = 0
  #isDropping = false

  constructor(model: Model, tape: Tape, graph: TrainedGraph, memory: WasmMemory, options: TrainerOptions) {
    this.#model = model
    this.#tape = tape
    this.#graph = graph
    this.#kernels = trainingKernels(memory)
    this.#memory = new Float32Array(memory.buffer)
    this.#input = graph.nodes[0]!.value
    this.#givesX = options.inputGradient === true
    this.#batchFirst = options.batchFirst !== false
    this.#seed = options.dropout?.seed ?? 0
    const trained = [...model.tensors].filter(([name]) => !fixed.test(name))
    this.parameters = new Map(trained.map(([name, { data }]) => [name, data.slice()]))
    this.#gradients = new Map(trained.map(([name, { data }]) => [name, new Float32Array(data.length)]))
    this.repack()
  }

  repack(): void {
    this.#pack(this.#graph.packed)
  }

  forward(x: Float32Array, state?: HiddenState): Float32Array {
    this.#draw()
    return this.#run(x, state)
  }

  evaluate(x: Float32Array, state?: HiddenState): Float32Array {
    if (this.#isDropping) {
      this.#isDropping = false
      for (const part of this.#graph.drops) {
        part.off()
        this.#pack(part.packed)
      }
    }
    return this.#run(x, state)
  }

  /** What this batch drops: another mask for every place where something is dropped. */
  #draw(): void {
    const { drops } = this.#graph
    if (drops.length === 0) return
    for (const [place, part] of drops.entries()) {
      part.draw(this.#memory, maskKey(this.#seed, this.draws, place))
      this.#pack(part.packed)
    }
    this.draws++
    this.#isDropping = true
  }

  #pack(parts: readonly Packed[]): void {
    for (const part of parts) part.pack(this.#memory, this.parameters)
  }

  #run(x: Float32Array, state: HiddenState | undefined): Float32Array {
    const { batch, ticks } = this.#tape
    const inputs = inputWidth(this.#model.graph)
    assert(x.length === batch * ticks * inputs, `x must hold ${batch} × ${ticks} × ${inputs} values, not ${x.length}`)
    this.#write(this.#input.at, this.#input, x)
    this.#writeState(state)
    for (const node of this.#graph.nodes) node.forward(this.#kernels)
    return this.#read(this.#graph.output.at, this.#graph.output)
  }

  backward(dy: Float32Array): Gradients {
    const { nodes, output, packed } = this.#graph
    const size = this.#tape.rows(output) * output.width
    assert(dy.length === size, `dy must hold ${size} values, as the output, not ${dy.length}`)
    this.#tape.clearGradients(this.#kernels)
    for (const gradient of this.#gradients.values()) gradient.fill(0)
    if (output.gradAt !== 0) this.#write(output.gradAt, output, dy)
    for (let n = nodes.length - 1; n >= 0; n--) nodes[n]!.backward(this.#kernels)
    for (const part of packed) part.collect(this.#memory, this.#gradients)
    const x = this.#givesX ? this.#read(this.#input.gradAt, this.#input) : null
    return { byName: this.#gradients, x, state: this.#readState('gradient') }
  }

  get state(): HiddenState {
    return this.#readState('last')
  }

  toModel(): Model {
    const { name, architecture, tensors } = this.#model
    const now = [...tensors].map(([tensor, { shape, data }]) => {
      return [tensor, { shape, data: (this.parameters.get(tensor) ?? data).slice() }] as const
    })
    return createModel(name, architecture, new Map(now), this.#model)
  }

  /** The caller's (B,ticks,width) into rows of the tape. */
  #write(at: number, { ticks, width, stride }: TapeValue, from: Float32Array): void {
    const { batch } = this.#tape
    const memory = this.#memory
    for (let b = 0; b < batch; b++) {
      for (let t = 0; t < ticks; t++) {
        const to = (at + (t * batch + b) * stride) / 4
        const row = this.#rowOf(b, t, ticks) * width
        for (let j = 0; j < width; j++) memory[to + j] = from[row + j]!
      }
    }
  }

  /** Rows of the tape as the caller has them. */
  #read(at: number, { ticks, width, stride }: TapeValue): Float32Array {
    const { batch } = this.#tape
    const to = new Float32Array(batch * ticks * width)
    for (let b = 0; b < batch; b++) {
      for (let t = 0; t < ticks; t++) {
        const from = (at + (t * batch + b) * stride) / 4
        const row = this.#rowOf(b, t, ticks) * width
        for (let j = 0; j < width; j++) to[row + j] = this.#memory[from + j]!
      }
    }
    return to
  }

  /** Index of a window's tick among the caller's rows. */
  #rowOf(window: number, tick: number, ticks: number): number {
    return this.#batchFirst ? window * ticks + tick : tick * this.#tape.batch + window
  }

  #writeState(state: HiddenState | undefined): void {
    const sizes = this.#stateSizes()
    assert(state === undefined || state.h.length === sizes.h, `state.h must hold ${sizes.h} values`)
    assert(state === undefined || (state.c?.length ?? 0) === sizes.c, `state.c must hold ${sizes.c} values`)
    this.#eachState('first', (part, row, at, size, offset) => {
      const from = part === 'h' ? state?.h : state?.c
      for (let j = 0; j < size; j++) this.#memory[at + j] = from?.[offset + row * size + j] ?? 0
    })
  }

  #readState(which: 'last' | 'gradient'): HiddenState {
    const sizes = this.#stateSizes()
    const h = new Float32Array(sizes.h)
    const c = new Float32Array(sizes.c)
    this.#eachState(which, (part, row, at, size, offset) => {
      const to = part === 'h' ? h : c
      for (let j = 0; j < size; j++) to[offset + row * size + j] = this.#memory[at + j]!
    })
    return sizes.c > 0 ? { h, c } : { h }
  }

  #stateSizes(): { readonly h: number; readonly c: number } {
    let h = 0
    let c = 0
    for (const state of this.#graph.states) {
      h += state.h.size * this.#tape.batch
      c += (state.c?.size ?? 0) * this.#tape.batch
    }
    return { h, c }
  }

  /** Calls for every row of every state: its place in the memory in floats, and where its node begins in h or c. */
  #eachState(
    which: 'first' | 'last' | 'gradient',
    visit: (part: 'h' | 'c', row: number, at: number, size: number, offset: number) => void,
  ): void {
    const { batch } = this.#tape
    const offsets = { h: 0, c: 0 }
    for (const state of this.#graph.states) {
      for (const part of ['h', 'c'] as const) {
        const place = state[part]
        if (place === null) continue
        const stride = Math.ceil(place.size / 8) * 8
        for (let row = 0; row < batch; row++) {
          visit(part, row, place[which] / 4 + row * stride, place.size, offsets[part])
        }
        offsets[part] += batch * place.size
      }
    }
  }
}
