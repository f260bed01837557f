import { assert } from '../base/assert.ts'
import { type Graph, recurrentNodes } from './graph.ts'
import type { HiddenState } from './hidden-state.ts'
import type { Kernel } from './kernel.ts'
import { stateSizes } from './reference/windows.ts'

/** The recurrent states of rows (B) of a kernel, as PyTorch lays them out. */
export function readHidden(kernel: Kernel, graph: Graph, rows: ArrayLike<number>): HiddenState {
  const sizes = stateSizes(graph)
  const h = new Float32Array(rows.length * sizes.h)
  const c = new Float32Array(rows.length * sizes.c)
  eachRun(kernel, graph, rows, (isCell, torchAt, kernelAt, size) => {
    ;(isCell ? c : h).set(kernel.state.subarray(kernelAt, kernelAt + size), torchAt)
  })
  return c.length > 0 ? { h, c } : { h }
}

/** Sets the recurrent states of rows (B) from PyTorch's layout. Errors: assertion on a wrong size. */
export function writeHidden(kernel: Kernel, graph: Graph, rows: ArrayLike<number>, from: HiddenState): void {
  const sizes = stateSizes(graph)
  const c = from.c ?? new Float32Array(0)
  assert(
    from.h.length === rows.length * sizes.h,
    `state.h must hold ${rows.length * sizes.h} values, not ${from.h.length}`,
  )
  assert(c.length === rows.length * sizes.c, `state.c must hold ${rows.length * sizes.c} values, not ${c.length}`)
  eachRun(kernel, graph, rows, (isCell, torchAt, kernelAt, size) => {
    kernel.state.set((isCell ? c : from.h).subarray(torchAt, torchAt + size), kernelAt)
  })
}

/** Visits h and c of every recurrent node and row: one run of floats here and there. */
function eachRun(
  kernel: Kernel,
  graph: Graph,
  rows: ArrayLike<number>,
  visit: (isCell: boolean, torchAt: number, kernelAt: number, size: number) => void,
): void {
  let hAt = 0
  let cAt = 0
  for (const node of recurrentNodes(graph)) {
    const place = kernel.stateAt(node.stateIndex)
    for (let b = 0; b < rows.length; b++) {
      const rowAt = rows[b]! * kernel.stateSize
      visit(false, hAt, rowAt + place.hAt, place.hSize)
      hAt += place.hSize
      if (place.cAt === null) continue
      visit(true, cAt, rowAt + place.cAt, place.cSize)
      cAt += place.cSize
    }
  }
}
