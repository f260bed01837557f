import { OperatingError } from '../../base/errors.ts'
import type { TrainingGraph, TrainingNode } from '../graph.ts'
import type { Tensor } from '../tensor.ts'
import { trainAdditive, trainDot } from './attention.ts'
import { trainDropout } from './dropout.ts'
import { trainLinear } from './linear.ts'
import { trainMerge } from './merge.ts'
import { type TapeStates, trainRecurrent } from './recurrent.ts'
import { trainActivation, trainBatchNorm, trainGaussian, trainLayerNorm } from './rows.ts'
import type { Drops, Tape, TapeValue, TrainedNode } from './tape.ts'
import type { Packed } from './tape-weights.ts'
import { trainLast, trainPool, trainRepeat } from './ticks.ts'

/** A graph made ready: nodes in their order, and what is carried in and out of the memory. */
export interface TrainedGraph {
  readonly nodes: readonly TrainedNode[]
  readonly output: TapeValue
  readonly packed: readonly Packed[]
  /** What drops values, in the order of the nodes. */
  readonly drops: readonly Drops[]
  /** By `stateIndex`. */
  readonly states: readonly TapeStates[]
}

type Trained = TrainedNode & { readonly states?: TapeStates }

/**
 * Gives every node its room on the tape.
 *
 * Errors: `OperatingError('model')` naming the module that cannot be trained, and why.
 */
export function trainGraph(
  tape: Tape,
  graph: TrainingGraph,
  tensors: ReadonlyMap<string, Tensor>,
  wantsInputGradient: boolean,
): TrainedGraph {
  const nodes: TrainedNode[] = []
  const states: TapeStates[] = []
  // Products are left out where nobody wants what they give; other nodes always pass their gradient on.
  const passesOn = graph.nodes.some(({ op, inputs }) => inputs.includes(0) && op !== 'recurrent' && op !== 'linear')
  for (const node of graph.nodes) {
    if (node.op === 'input') {
      const value = tape.value(tape.ticks, node.width, wantsInputGradient || passesOn || graph.nodes.length === 1)
      nodes.push({ value, forward() {}, backward() {} })
      continue
    }
    const inputs = node.inputs.map((index) => nodes[index]!.value)
    const trained = trainNode(tape, node, inputs, tensors)
    nodes.push(trained)
    if (node.op === 'recurrent') states[node.stateIndex] = trained.states!
  }
  const packed = nodes.flatMap((node) => node.packed ?? [])
  const drops = nodes.flatMap((node) => node.drops ?? [])
  return { nodes, output: nodes[graph.output]!.value, packed, drops, states }
}

function trainNode(
  tape: Tape,
  node: Exclude<TrainingNode, { op: 'input' }>,
  inputs: readonly TapeValue[],
  tensors: ReadonlyMap<string, Tensor>,
): Trained {
  const x = inputs[0]!
  switch (node.op) {
    case 'recurrent': {
      if (node.gateActivation === null && node.cellActivation === null) return trainRecurrent(tape, node, x)
      const own = [node.gateActivation ?? 'sigmoid', node.cellActivation ?? 'tanh'].join(' and ')
      throw new OperatingError('model', `${node.label} has gates with ${own}; trained are those with sigmoid and tanh`)
    }
    case 'linear':
      return trainLinear(tape, node, x)
    case 'activation':
      return trainActivation(tape, node, x)
    case 'layerNorm':
      return trainLayerNorm(tape, node, x)
    case 'batchNorm':
      return trainBatchNorm(tape, node, x, tensors)
    case 'gaussian':
      return trainGaussian(tape, node, x)
    case 'merge':
      return trainMerge(tape, node, inputs)
    case 'last':
      return trainLast(tape, node, x)
    case 'pool':
      return trainPool(tape, node, x)
    case 'dropout':
      return trainDropout(tape, node, x)
    case 'repeat':
      return trainRepeat(tape, node, x)
    case 'additiveAttention':
      return trainAdditive(tape, node, x)
    case 'dotAttention':
      return trainDot(tape, node, x)
  }
}
