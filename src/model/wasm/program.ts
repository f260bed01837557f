import type { MemoryImage } from './image.ts'

/** Codes of the operations, in the order of `Code` in assembly/plan.ts. */
const codes = [
  'affine',
  'affineOnto',
  'resetAfter',
  'resetBefore',
  'update',
  'lstm',
  'rnnTanh',
  'rnnRelu',
  'keep',
  'dense',
  'activate',
  'softmax',
  'layerNorm',
  'scale',
  'add',
  'multiply',
  'maximum',
  'times',
  'copy',
  'additive',
  'dotProduct',
] as const

/** The name of an operation on a tile. */
export type Code = (typeof codes)[number]

/** Operands of an operation, `a` to `j` of `Operation` in assembly/plan.ts; step.ts there says what each is. */
export type Operands = Partial<Record<'a' | 'b' | 'c' | 'd' | 'e' | 'f' | 'g' | 'h' | 'i' | 'j', number>>

const operandNames = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'] as const
const words = 1 + operandNames.length + 1

/** A run of a row's state: bytes at an offset of the arena's row and of the tile's. */
export interface Run {
  readonly arenaAt: number
  readonly tileAt: number
  readonly bytes: number
}

/**
 * The operations of a model on a tile, and the places in a tile row and in a row of the arena.
 *
 * Offsets are bytes. Places in a tile row are rounded up to 32 bytes, because `affine` writes whole panels.
 */
export class Program {
  readonly image: MemoryImage
  readonly runs: Run[] = []
  readonly inputPlaces: number[] = []
  /** The tile row begins with the address of its arena row and the mark of a missing input. */
  #tileBytes = 32
  #arenaBytes = 0
  readonly #operations: { readonly code: Code; readonly operands: Operands; readonly real: number }[] = []

  constructor(image: MemoryImage) {
    this.image = image
  }

  get tileBytes(): number {
    return this.#tileBytes
  }

  get arenaBytes(): number {
    return this.#arenaBytes
  }

  /** Room for a value of `floats` in the tile row. */
  value(floats: number): number {
    const at = this.#tileBytes
    this.#tileBytes += Math.ceil(floats / 8) * 32
    return at
  }

  /** Room for `floats` of state in the arena row, gathered to and scattered from `tileAt`. */
  state(floats: number, tileAt: number): Run {
    const run = { arenaAt: this.ring(floats), tileAt, bytes: roundUp(floats) * 4 }
    this.runs.push(run)
    return run
  }

  /** Room for `floats` in the arena row that operations reach by themselves. */
  ring(floats: number): number {
    const at = this.#arenaBytes
    this.#arenaBytes += roundUp(floats) * 4
    return at
  }

  add(code: Code, operands: Operands, real = 0): void {
    this.#operations.push({ code, operands, real })
  }

  /** The operations as the module reads them. */
  encode(): { readonly at: number; readonly count: number } {
    const encoded = new Int32Array(this.#operations.length * words)
    const reals = new Float32Array(encoded.buffer)
    this.#operations.forEach(({ code, operands, real }, index) => {
      const at = index * words
      encoded[at] = codes.indexOf(code)
      operandNames.forEach((name, place) => {
        encoded[at + 1 + place] = operands[name] ?? 0
      })
      reals[at + words - 1] = real
    })
    return { at: this.image.place(encoded), count: this.#operations.length }
  }
}

/** The next multiple of four lanes. */
export function roundUp(floats: number): number {
  return Math.ceil(floats / 4) * 4
}
