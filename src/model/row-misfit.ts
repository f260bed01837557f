import { createKernel, type KernelName } from './create-kernel.ts'
import { recurrentNodes } from './graph.ts'
import type { Kernel } from './kernel.ts'
import type { Model } from './model.ts'

/** Which kernel lays a row out as the one of this `Kernel.name` does; relaxed arithmetic changes no place. */
const laidOutAs: Readonly<Record<string, KernelName>> = {
  'reference-1': 'reference',
  'wasm-1': 'wasm',
  'wasm-1-relaxed': 'wasm',
}

/**
 * Why rows of states that the kernel named `writtenBy` left cannot be taken over by `kernel`; null where they can.
 *
 * They can where both kernels put the same numbers at the same places: the WASM kernel rounds each state up to four floats, so
 * states of a multiple of four units fit, and others do not; nor does the ring of an attention, which it keeps differently.
 */
export function rowMisfit(model: Model, kernel: Kernel, writtenBy: string): string | null {
  const written = laidOutAs[writtenBy]
  if (written === undefined) return `this program has no kernel ${writtenBy}`
  const other = createKernel(model, 1, { kernel: written })
  if (other.stateSize !== kernel.stateSize) {
    return `a row of ${writtenBy} is ${other.stateSize} numbers, and one of ${kernel.name} is ${kernel.stateSize}`
  }
  for (const { stateIndex, label } of recurrentNodes(model.graph)) {
    const [there, here] = [other.stateAt(stateIndex), kernel.stateAt(stateIndex)]
    if (there.hAt !== here.hAt || there.cAt !== here.cAt)
      return `the two kernels keep the state of ${label} at other places`
  }
  return null
}
