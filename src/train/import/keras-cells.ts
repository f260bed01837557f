import type { Tensor } from '../../model/tensor.ts'
import type { NamedTensors } from './declaration.ts'
import { ImportError } from './import-error.ts'
import { activationOf } from './keras-activation.ts'
import type { Json } from './keras-config.ts'
import { expectShape, filled, partOf, reordered, transposed } from './tensor-layout.ts'

/** A recurrent layer of Keras in PyTorch's words. */
export interface KerasCell {
  readonly type: 'RNN' | 'LSTM' | 'GRU'
  readonly units: number
  readonly bias: boolean
  /** Two biases, inside and outside of the reset gate's product, as cuDNN and PyTorch have. */
  readonly resetAfter: boolean
  /** Options of the module that differ from PyTorch's. */
  readonly options: Readonly<Record<string, unknown>>
}

const types = { SimpleRNN: 'RNN', LSTM: 'LSTM', GRU: 'GRU' } as const
const gates = { RNN: 1, LSTM: 4, GRU: 3 } as const
/** PyTorch's order of gates by Keras' columns: GRU z, r, h → r, z, n; LSTM i, f, c, o is PyTorch's i, f, g, o. */
const gateOrder = { RNN: [0], LSTM: [0, 1, 2, 3], GRU: [1, 0, 2] } as const

/** Keras' three recurrent layers. */
export type RecurrentClass = keyof typeof types

/** Whether a class is one of the three recurrent layers. */
export function isRecurrent(className: string): className is RecurrentClass {
  return Object.hasOwn(types, className)
}

/** Reads the options of a recurrent layer. Errors: an activation that is not built. */
export function cellOf(label: string, className: RecurrentClass, config: Json, isKeras2: boolean): KerasCell {
  const type = types[className]
  const units = Number(config['units'])
  if (!(Number.isInteger(units) && units > 0)) throw new ImportError(label, 'it has no units', 'save the model again')
  const activation = activationOf(label, config['activation'] ?? 'tanh', isKeras2)
  if (activation === null) throw new ImportError(label, 'the activation "linear" is not built', 'use tanh or relu')
  const options: Record<string, unknown> = {}
  if (type === 'RNN' && activation === 'relu') options['nonlinearity'] = 'relu'
  else if (activation !== 'tanh') options['cell_activation'] = activation
  if (type !== 'RNN') {
    const gate = activationOf(label, config['recurrent_activation'] ?? 'sigmoid', isKeras2)
    if (gate === null) throw new ImportError(label, 'gates with the activation "linear" are not built', 'use sigmoid')
    if (gate !== 'sigmoid') options['gate_activation'] = gate
  }
  const resetAfter = type === 'GRU' && config['reset_after'] === true
  if (type === 'GRU') options['convention'] = resetAfter ? 'reset_after' : 'reset_before'
  return { type, units, bias: config['use_bias'] !== false, resetAfter, options }
}

/** How many weights a cell lists: kernel, recurrent kernel and bias. */
export function weightCount(cell: KerasCell): number {
  return cell.bias ? 3 : 2
}

/**
 * Kernel (I,G·H), recurrent kernel (H,G·H) and bias as PyTorch's weights of one layer and direction.
 *
 * Keras has one bias (G·H), for which the second of PyTorch is zero; with `reset_after` two, (2,G·H): input, recurrent.
 */
export function cellTensors(
  label: string,
  cell: KerasCell,
  inputs: number,
  weights: readonly Tensor[],
  suffix: string,
): NamedTensors {
  const columns = gates[cell.type] * cell.units
  const order = gateOrder[cell.type]
  const [kernel, recurrent, bias] = weights
  const rows = (tensor: Tensor): Tensor => reordered(transposed(tensor), order)
  const tensors: Record<string, Tensor> = {
    [`weight_ih${suffix}`]: rows(expectShape(label, 'kernel', kernel, [inputs, columns])),
    [`weight_hh${suffix}`]: rows(expectShape(label, 'recurrent kernel', recurrent, [cell.units, columns])),
  }
  if (!cell.bias) return tensors
  const both = expectShape(label, 'bias', bias, cell.resetAfter ? [2, columns] : [columns])
  tensors[`bias_ih${suffix}`] = reordered(cell.resetAfter ? partOf(both, 0) : both, order)
  tensors[`bias_hh${suffix}`] = cell.resetAfter ? reordered(partOf(both, 1), order) : filled(columns, 0)
  return tensors
}
