import type { HiddenState } from './hidden-state.ts'

/** Where the state of one recurrent node lies within a row, in floats. */
export interface StatePlace {
  readonly hAt: number
  /** P or H. */
  readonly hSize: number
  /** null for cells that have no c. */
  readonly cAt: number | null
  readonly cSize: number
}

/**
 * The recurrent engine: one hidden state a slot, stepped in batches of distinct slots.
 *
 * A missing input is NaN or infinite in x. It contributes nothing, as 0 would; a row without any input keeps its state
 * and gives the output of its last state again. A finite input, and a state that has no bound of its own, is limited
 * (`guard.ts`), so no state ever becomes NaN or infinite. That is the guarded step; an unguarded one computes what it gets.
 * Shapes:    rows (B) distinct slots; x (B,I) in; y (B,O) out; state (S, stateSize), laid out as each kernel likes.
 * Allocates: nothing in `step`. A row's bits do not depend on the other rows of the batch.
 * Errors:    none on data.
 */
export interface Kernel {
  /** Goes into checkpoints: states of different kernels agree within a tolerance, not in bits. */
  readonly name: string
  readonly inputSize: number
  readonly outputSize: number
  readonly stateSize: number
  readonly state: Float32Array
  /** Where a recurrent node's h and c lie in a row; by PyTorch's index, as in `RecurrentNode.stateIndex`. */
  stateAt(stateIndex: number): StatePlace
  step(rows: Int32Array, count: number, x: Float32Array, y: Float32Array): void
  /** Ends the kernel's worker threads, if it has any. */
  close(): void
}

/** What a batch of sequences gives. */
export interface WindowsResult {
  /** (B,T,O), or (B,O) where the model ends in one vector. */
  readonly output: Float32Array
  /** Ticks of the output; 1 for one vector. Others than the input's behind a `repeat`. */
  readonly ticks: number
  readonly state: HiddenState
}

/**
 * Runs whole sequences, both directions and every node: x (B,T,I) from a state, zeros when absent.
 *
 * Numbers are taken as they are: a NaN makes its own sequence NaN from there on, and no other.
 */
export type Windows = (x: Float32Array, batch: number, ticks: number, state?: HiddenState) => WindowsResult
