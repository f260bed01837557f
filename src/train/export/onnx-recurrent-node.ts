import type { Activation } from '../../model/activation.ts'
import type { RecurrentNode } from '../../model/graph.ts'
import type { Tensor } from '../../model/tensor.ts'
import { ExportError } from './export-error.ts'
import type { OnnxWork } from './onnx-graph.ts'
import type { OnnxValueOut } from './onnx-writer.ts'
import { recurrentWeights } from './recurrent-weights.ts'

/** PyTorch's block of rows by ONNX': GRU z, r, h is r, z, n; LSTM i, o, f, c is i, f, g, o. */
const gateOrders = { RNN: [0], GRU: [1, 0, 2], LSTM: [0, 3, 1, 2] } as const

/** What a recurrent operator gives: its value at every tick (T,1,B,H), and at the tick where it ended (1,B,H). */
export interface RecurrentOutput {
  readonly every: string
  readonly end: string
}

/**
 * RNN, GRU or LSTM in one direction; both conventions of the GRU by `linear_before_reset`.
 *
 * Errors: a projection, activations that ONNX does not name.
 */
export function writeRecurrent({ out, node, label, inputs, tensors }: OnnxWork<RecurrentNode>): RecurrentOutput {
  const op = node.cell === 'lstm' ? 'LSTM' : node.cell.startsWith('gru') ? 'GRU' : 'RNN'
  const { wIn, wHidden, bIn, bHidden } = recurrentWeights(node, tensors, gateOrders[op])
  const one = ({ shape, data }: Tensor): Tensor => ({ shape: [1, ...shape], data })
  const names = [out.floats(`${label}/W`, one(wIn)), out.floats(`${label}/R`, one(wHidden))]
  if (bIn !== null && bHidden !== null) {
    const both = Float32Array.from([...bIn.data, ...bHidden.data])
    names.push(out.floats(`${label}/B`, { shape: [1, both.length], data: both }))
  }
  const [every, end] = out.addMany(op, label, [inputs[0]!, ...names], 2, {
    hidden_size: { int: node.hidden },
    ...(node.reverse ? { direction: { text: 'reverse' } } : {}),
    ...(node.cell === 'gru_reset_after' ? { linear_before_reset: { int: 1 } } : {}),
    ...activationsOf(node, op),
  })
  return { every: every!, end: end! }
}

/** ONNX' name and its two parameters, where it has them. */
const names: Readonly<Partial<Record<Activation, readonly [string, number, number]>>> = {
  sigmoid: ['Sigmoid', 0, 0],
  tanh: ['Tanh', 0, 0],
  relu: ['Relu', 0, 0],
  softsign: ['Softsign', 0, 0],
  softplus: ['Softplus', 0, 0],
  hard_sigmoid: ['HardSigmoid', 1 / 6, 0.5],
  hard_sigmoid_keras2: ['HardSigmoid', 0.2, 0.5],
}

function activationsOf(node: RecurrentNode, op: keyof typeof gateOrders): Record<string, OnnxValueOut> {
  const gate = node.gateActivation ?? 'sigmoid'
  const cell = node.cellActivation ?? (node.cell === 'rnn_relu' ? 'relu' : 'tanh')
  const list = op === 'RNN' ? [cell] : op === 'GRU' ? [gate, cell] : [gate, cell, cell]
  if (gate === 'sigmoid' && cell === 'tanh') return {}
  const found = list.map((activation) => {
    const name = names[activation]
    if (name !== undefined) return name
    const what = `a cell with the activation ${activation}`
    throw new ExportError(node.label, what, `ONNX' operators have ${Object.keys(names).join(', ')}`)
  })
  // Parameters are listed for the activations that have some, in order; HardSigmoid is the only one.
  const hard = found.filter(([name]) => name === 'HardSigmoid')
  return {
    activations: { texts: found.map(([name]) => name) },
    ...(hard.length > 0
      ? {
          activation_alpha: { floats: hard.map(([, alpha]) => alpha) },
          activation_beta: { floats: hard.map(([, , beta]) => beta) },
        }
      : {}),
  }
}
