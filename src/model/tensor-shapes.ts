import { architectureError } from './architecture.ts'
import { type Graph, gateCount, type Node } from './graph.ts'

type Shapes = (readonly [name: string | null, shape: readonly number[]])[]

/**
 * Names and shapes of every weight that a graph reads, as PyTorch's state dict has them.
 *
 * Errors: `OperatingError('model')` for a tensor that two modules share in different shapes.
 */
export function tensorShapes(graph: Graph): Map<string, readonly number[]> {
  const all = new Map<string, readonly number[]>()
  for (const node of graph.nodes) {
    for (const [name, shape] of shapesOf(node, graph.nodes[node.inputs[0] ?? 0]!.width)) {
      if (name === null) continue
      const other = all.get(name)
      if (other !== undefined && other.join() !== shape.join()) {
        throw architectureError(
          `"${name}" would be [${other}] and, in ${node.label}, [${shape}]: give the modules names`,
        )
      }
      all.set(name, shape)
    }
  }
  return all
}

function shapesOf(node: Node, inputs: number): Shapes {
  const { width } = node
  switch (node.op) {
    case 'recurrent': {
      const rows = gateCount(node.cell) * node.hidden
      return [
        [node.wIn, [rows, inputs]],
        [node.wHidden, [rows, width]],
        [node.bIn, [rows]],
        [node.bHidden, [rows]],
        [node.wProjection, [node.projection, node.hidden]],
      ]
    }
    case 'linear':
      return [
        [node.weight, [width, inputs]],
        [node.bias, [width]],
      ]
    case 'layerNorm':
      return [
        [node.weight, [width]],
        [node.bias, [width]],
      ]
    case 'batchNorm':
      return [node.mean, node.variance, node.weight, node.bias].map((name) => [name, [width]])
    case 'additiveAttention':
      return [
        [node.wKey, [node.size, inputs]],
        [node.bKey, [node.size]],
        [node.wScore, [1, node.size]],
        [node.wQuery, [node.size, inputs]],
      ]
    case 'dotAttention':
      return [
        [node.wIn, [3 * width, width]],
        [node.bIn, [3 * width]],
        [node.wOut, [width, width]],
        [node.bOut, [width]],
      ]
    default:
      return []
  }
}
