import { gateCount, type RecurrentNode } from '../../model/graph.ts'
import type { Tensor } from '../../model/tensor.ts'
import { reordered } from '../import/tensor-layout.ts'
import { ExportError } from './export-error.ts'

/** Weights of one layer and direction, rows in another format's order of gates; biases are null where there are none. */
export interface RecurrentWeights {
  /** (G·H,I), (G·H,H), (G·H), (G·H). */
  readonly wIn: Tensor
  readonly wHidden: Tensor
  readonly bIn: Tensor | null
  readonly bHidden: Tensor | null
}

/**
 * The weights of a recurrent node with block k of the result being PyTorch's block `order[k]` (r, z, n or i, f, g, o).
 *
 * The textbook's GRU becomes one that keeps the old state with z, because 1 − σ(a) = σ(−a): the rows of z change sign.
 * Errors: a projection, and a textbook GRU whose gates are no sigmoid.
 */
export function recurrentWeights(
  node: RecurrentNode,
  tensors: ReadonlyMap<string, Tensor>,
  order: readonly number[],
): RecurrentWeights {
  if (node.projection > 0) {
    throw new ExportError(node.label, 'a projected LSTM (proj_size)', 'this format has none: export to safetensors')
  }
  const isTextbook = node.cell === 'gru_textbook'
  if (isTextbook && (node.gateActivation ?? 'sigmoid') !== 'sigmoid') {
    throw new ExportError(
      node.label,
      `a textbook GRU with gates by ${String(node.gateActivation)}`,
      'export to safetensors',
    )
  }
  const take = (name: string | null): Tensor | null => {
    if (name === null) return null
    const tensor = tensors.get(name)!
    return reordered(isTextbook ? withZTurned(tensor) : tensor, order)
  }
  return { wIn: take(node.wIn)!, wHidden: take(node.wHidden)!, bIn: take(node.bIn), bHidden: take(node.bHidden) }
}

/** The second of three blocks of rows, with the other sign. */
function withZTurned({ shape, data }: Tensor): Tensor {
  const block = data.length / gateCount('gru_textbook')
  return { shape, data: data.map((value, at) => (at >= block && at < 2 * block ? -value : value)) }
}
