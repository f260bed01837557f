/*
 * What TypeScript writes into memory and this module reads: `program.ts` and `layout.ts` beside this folder has the other side of every line.
 * Offsets in bytes; every field is 32 bits wide.
 */

/** A model made ready: written once. */
@unmanaged
export class Plan {
  inputs: i32
  outputs: i32
  /** Bytes of a row of the arena, and where row 0 is. */
  rowBytes: usize
  arena: usize
  /** Bytes of a row of the tile. */
  stride: usize
  /** Where the model's value lies in a tile row. */
  outputAt: usize
  /** Runs of state that are gathered and scattered: (arena offset, tile offset, bytes) each. */
  runs: usize
  runCount: i32
  /** Where x is written in a tile row, once for each node that reads it. */
  inputPlaces: usize
  inputPlaceCount: i32
  operations: usize
  operationCount: i32
  /** 1: bad inputs are missing ones, as in a stream; 0: they are computed with, as in PyTorch. */
  guarded: i32
  /** Finite inputs are held within ± this when guarded. */
  inputLimit: f32
  rows: usize
  x: usize
  y: usize
}

/** One operation on a tile; which fields count, and as what, `step.ts` says. */
@unmanaged
export class Operation {
  code: i32
  a: usize
  b: usize
  c: usize
  d: usize
  e: usize
  f: usize
  g: usize
  h: usize
  i: usize
  j: usize
  real: f32
}

/** Codes of the operations. */
export const enum Code {
  affine, affineOnto, resetAfter, resetBefore, update, lstm, rnnTanh, rnnRelu, keep, dense, activate, softmax, layerNorm, scale,
  add, multiply, maximum, times, copy, additive, dotProduct,
}

/** A batch under way: what the threads share. All fields are atomic, one to a cache line. */
export const enum Job {
  /** Grows by one with every batch; workers sleep on it. */
  generation = 0,
  /** Rows that nobody has taken yet; below zero when there are none. */
  left = 64,
  /** Rows that are done. */
  done = 128,
  /** 1: the workers are to end. */
  stop = 192,
  /** Workers that are asleep. */
  asleep = 256,
}
