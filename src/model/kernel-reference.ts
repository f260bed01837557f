import { affine, type CellScratch, gruCell, layerWeights, lstmCell } from './cells.ts'
import type { Kernel } from './kernel.ts'
import type { Model } from './model.ts'

/**
 * The reference kernel: plain loops, one row after the other; the definition of correct.
 *
 * Weights and state are float32, sums and gates float64. Shapes: state (S, layers × (h, and c for LSTM)).
 * Cost: 2·B·layers·G·H·(I+H) flops; without a head the output is the last layer's h.
 */
export function createReferenceKernel(model: Model, slots: number): Kernel {
  const { recurrent, head } = model.architecture
  const layers = layerWeights(model.architecture, model.tensors)
  const hidden = recurrent.hiddenSize
  const gated = recurrent.type === 'GRU' ? gruCell : lstmCell
  const layerSize = recurrent.type === 'GRU' ? hidden : 2 * hidden
  const stateSize = recurrent.layers * layerSize
  const state = new Float32Array(slots * stateSize)
  const gates = (recurrent.type === 'GRU' ? 3 : 4) * hidden
  const scratch: CellScratch = { fromInput: new Float64Array(gates), fromHidden: new Float64Array(gates) }
  const outputSize = head?.outFeatures ?? hidden
  const headPrefix = head === null || head.name === '' ? '' : `${head.name}.`
  const headWeight = model.tensors.get(`${headPrefix}weight`)?.data ?? new Float32Array(0)
  const headBias = model.tensors.get(`${headPrefix}bias`)?.data ?? new Float32Array(outputSize)
  const headOut = new Float64Array(outputSize)

  function stepRow(slot: number, x: Float32Array, xAt: number, y: Float32Array, yAt: number): void {
    let from = x
    let fromAt = xAt
    let at = slot * stateSize
    for (const layer of layers) {
      gated(layer, from, fromAt, state, at, scratch)
      from = state
      fromAt = at
      at += layerSize
    }
    if (head === null) {
      for (let j = 0; j < hidden; j++) y[yAt + j] = from[fromAt + j]!
      return
    }
    affine(headWeight, headBias, from, fromAt, hidden, headOut)
    for (let j = 0; j < outputSize; j++) y[yAt + j] = headOut[j]!
  }

  return {
    name: 'reference-1',
    inputSize: recurrent.inputSize,
    outputSize,
    stateSize,
    state,
    step(rows, count, x, y) {
      for (let b = 0; b < count; b++) stepRow(rows[b]!, x, b * recurrent.inputSize, y, b * outputSize)
    },
  }
}
