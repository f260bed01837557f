import { MemoryImage } from '../wasm/image.ts'
import { panelColumns } from '../wasm/panels.ts'
import type { TrainingKernels } from './kernels.ts'
import type { Packed } from './tape-weights.ts'

/**
 * What a node gives for a whole batch of windows, and the gradient of the loss at it.
 *
 * Shapes: (ticks, B, width) in float32, a row every `stride` bytes: whole panels of eight, what is left over is not read.
 */
export interface TapeValue {
  /** Address of the first tick. */
  readonly at: number
  /** Address of the gradient, laid out alike; 0 where nobody wants it: at an input that only products read. */
  readonly gradAt: number
  readonly ticks: number
  readonly width: number
  readonly stride: number
}

/** What a node drops: drawn anew for every batch that is trained on, and off where a model is judged. */
export interface Drops {
  /** `key` decides what is dropped; `memory` is all of it in float32. */
  draw(memory: Float32Array, key: number): void
  off(): void
  /** Weights that are packed with the mask. */
  readonly packed: readonly Packed[]
}

/** A node made ready for training: it reads the values of earlier nodes, and adds to their gradients. */
export interface TrainedNode {
  readonly value: TapeValue
  /** Weights of its own. */
  readonly packed?: readonly Packed[]
  readonly drops?: Drops
  forward(kernels: TrainingKernels): void
  /** Reads the gradient of its own value, which all later nodes have added to by then. */
  backward(kernels: TrainingKernels): void
}

/** The room of a training: addresses are given out first, the memory is made when all are. */
export class Tape {
  readonly image = new MemoryImage()
  readonly batch: number
  readonly ticks: number
  readonly #cleared: { readonly at: number; readonly bytes: number }[] = []

  constructor(batch: number, ticks: number) {
    this.batch = batch
    this.ticks = ticks
  }

  /** Room for a value of so many ticks, with `before` more of the same size ahead of it or `after` behind it. */
  value(ticks: number, width: number, wantsGradient = true, { before = 0, after = 0 } = {}): TapeValue {
    const stride = strideOf(width)
    const tick = this.batch * stride
    const bytes = (before + ticks + after) * tick
    const at = this.image.reserve(bytes) + before * tick
    const gradAt = wantsGradient ? this.gradient(bytes) + before * tick : 0
    return { at, gradAt, ticks, width, stride }
  }

  /** Room for a gradient: zeros when a backward pass begins. */
  gradient(bytes: number): number {
    const at = this.image.reserve(bytes)
    this.#cleared.push({ at, bytes })
    return at
  }

  /** Sets all gradients to zero. */
  clearGradients(kernels: TrainingKernels): void {
    for (const { at, bytes } of this.#cleared) kernels.clear(at, bytes)
  }

  /** Rows of a value. */
  rows(value: TapeValue): number {
    return value.ticks * this.batch
  }
}

/** Bytes of a row of so many features: whole panels. */
export function strideOf(width: number): number {
  return panelsOf(width) * panelColumns * 4
}

/** Panels of so many columns. */
export function panelsOf(columns: number): number {
  return Math.ceil(columns / panelColumns)
}
