import { type Block, panelColumns } from '../wasm/panels.ts'
import type { HiddenMask } from './hidden-mask.ts'
import type { TrainingKernels } from './kernels.ts'
import { panelsOf, type Tape } from './tape.ts'
import type { Packed, Parameters } from './tape-weights.ts'

/** The matrix of a product: which rows of which tensor stand in which columns of the result. */
export interface ProductSpec {
  /** Name of a tensor, (rows, K) row-major. */
  readonly weight: string
  readonly k: number
  /** Blocks of rows and the columns they give. */
  readonly blocks: readonly Block[]
  /** Columns of the result, a multiple of eight. */
  readonly columns: number
  readonly bias: string | null
  /** A second bias, added forward in some blocks; its gradient is found by the product that it belongs to. */
  readonly extra?: { readonly bias: string | null; readonly blocks: readonly Block[] }
  /** Factors of the columns of the matrix, where training drops units of what it multiplies. */
  readonly mask?: HiddenMask | null
}

/**
 * y = b + W·x, and its way back, of one matrix: panels for the product, panels of Wᵀ for dx, panels for dW and db.
 *
 * Weights lie in PyTorch's layout outside and in panels inside: `pack` carries them in, `collect` the gradients out.
 */
export class Product implements Packed {
  readonly #spec: ProductSpec
  readonly #panels: number
  readonly #transposed: number
  readonly #gradient: number
  readonly #count: number

  constructor(tape: Tape, spec: ProductSpec) {
    this.#spec = spec
    this.#count = spec.columns / panelColumns
    const bytes = this.#count * (1 + spec.k) * panelColumns * 4
    this.#panels = tape.image.reserve(bytes)
    this.#transposed = tape.image.reserve(panelsOf(spec.k) * (1 + spec.columns) * panelColumns * 4)
    this.#gradient = tape.gradient(bytes)
  }

  /** y = b + W·x for all columns, or for the panels from `first` on. */
  forward(
    kernels: TrainingKernels,
    rows: number,
    x: number,
    xStride: number,
    y: number,
    yStride: number,
    first = 0,
  ): void {
    const { k } = this.#spec
    const panel = this.#panels + first * (1 + k) * panelColumns * 4
    kernels.affine(rows, x, xStride, k, panel, this.#count - first, y, yStride)
  }

  /** y += W·x for all columns, or for the first `count` panels. */
  forwardOnto(
    kernels: TrainingKernels,
    rows: number,
    x: number,
    xStride: number,
    y: number,
    yStride: number,
    count = this.#count,
  ): void {
    kernels.affineOnto(rows, x, xStride, this.#spec.k, this.#panels, count, y, yStride)
  }

  /** dx += Wᵀ·dy. */
  backwardOnto(
    kernels: TrainingKernels,
    rows: number,
    dy: number,
    dyStride: number,
    dx: number,
    dxStride: number,
  ): void {
    const { k, columns } = this.#spec
    kernels.affineOnto(rows, dy, dyStride, columns, this.#transposed, panelsOf(k), dx, dxStride)
  }

  /** dx = Wᵀ·dy. */
  backward(kernels: TrainingKernels, rows: number, dy: number, dyStride: number, dx: number, dxStride: number): void {
    const { k, columns } = this.#spec
    kernels.affine(rows, dy, dyStride, columns, this.#transposed, panelsOf(k), dx, dxStride)
  }

  /** dW += dyᵀ·x, db += Σ dy. */
  accumulate(kernels: TrainingKernels, rows: number, x: number, xStride: number, dy: number, dyStride: number): void {
    kernels.weightGradient(rows, x, xStride, this.#spec.k, dy, dyStride, this.#count, this.#gradient)
  }

  /** Writes the weights as panels, and as panels of the transposed matrix. */
  pack(memory: Float32Array, parameters: Parameters): void {
    const { k, blocks, columns, bias, extra } = this.#spec
    const weights = parameters.get(this.#spec.weight)!
    const kept = this.#spec.mask?.factors ?? null
    this.#packBias(memory, parameters, bias, blocks, false)
    if (extra) this.#packBias(memory, parameters, extra.bias, extra.blocks, bias !== null)
    const across = (1 + columns) * panelColumns
    for (const { at, rows, from, scale } of blocks) {
      for (let row = 0; row < rows; row++) {
        const column = at + row
        let to = this.#placeOf(this.#panels, column) + panelColumns
        const line = this.#transposed / 4 + (1 + column) * panelColumns
        const start = (from + row) * k
        for (let i = 0; i < k; i++) {
          const weight = weights[start + i]! * scale * (kept === null ? 1 : kept[i]!)
          memory[to] = weight
          to += panelColumns
          memory[line + (i >> 3) * across + (i & 7)] = weight
        }
      }
    }
  }

  #packBias(
    memory: Float32Array,
    parameters: Parameters,
    name: string | null,
    blocks: readonly Block[],
    adds: boolean,
  ): void {
    if (name === null) return
    const values = parameters.get(name)!
    for (const { at, rows, from, scale } of blocks) {
      for (let row = 0; row < rows; row++) {
        const place = this.#placeOf(this.#panels, at + row)
        memory[place] = (adds ? memory[place]! : 0) + values[from + row]! * scale
      }
    }
  }

  /** Adds dW and db to the gradients of the tensors they belong to. */
  collect(memory: Float32Array, gradients: Parameters): void {
    const { k, blocks, bias, weight } = this.#spec
    const dw = gradients.get(weight)!
    const db = bias === null ? null : gradients.get(bias)!
    const kept = this.#spec.mask?.factors ?? null
    for (const { at, rows, from, scale } of blocks) {
      for (let row = 0; row < rows; row++) {
        let place = this.#placeOf(this.#gradient, at + row)
        if (db !== null) db[from + row] = db[from + row]! + memory[place]! * scale
        const start = (from + row) * k
        for (let i = 0; i < k; i++) {
          place += panelColumns
          dw[start + i] = dw[start + i]! + memory[place]! * scale * (kept === null ? 1 : kept[i]!)
        }
      }
    }
  }

  /** Index of a column's bias in float32. */
  #placeOf(base: number, column: number): number {
    const panel = (column - (column % panelColumns)) * (1 + this.#spec.k)
    return base / 4 + panel + (column % panelColumns)
  }
}
