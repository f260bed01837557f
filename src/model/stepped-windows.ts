import { outputWidth } from './graph.ts'
import type { Kernel, Windows } from './kernel.ts'
import type { Model } from './model.ts'
import { readHidden, writeHidden } from './state-rows.ts'

/**
 * Whole sequences through a kernel that steps rows: row b is sequence b, one tick after the other.
 *
 * For models that could be streamed; `createKernel` is called for each batch, unguarded, and gives the same bits as a stream.
 */
export function createSteppedWindows(model: Model, createKernel: (rows: number) => Kernel): Windows {
  const { graph } = model
  const outputs = outputWidth(graph)
  const isSequence = graph.nodes[graph.output]!.sequence
  return (x, batch, ticks, state) => {
    const kernel = createKernel(batch)
    const inputs = kernel.inputSize
    const rows = Int32Array.from({ length: batch }, (_, b) => b)
    if (state !== undefined) writeHidden(kernel, graph, rows, state)
    const xt = new Float32Array(batch * inputs)
    const yt = new Float32Array(batch * outputs)
    const output = new Float32Array(batch * outputs * (isSequence ? ticks : 1))
    for (let t = 0; t < ticks; t++) {
      for (let b = 0; b < batch; b++) {
        const from = (b * ticks + t) * inputs
        for (let i = 0; i < inputs; i++) xt[b * inputs + i] = x[from + i]!
      }
      kernel.step(rows, batch, xt, yt)
      if (!isSequence && t < ticks - 1) continue
      for (let b = 0; b < batch; b++) {
        const to = (isSequence ? b * ticks + t : b) * outputs
        for (let o = 0; o < outputs; o++) output[to + o] = yt[b * outputs + o]!
      }
    }
    return { output, ticks: isSequence ? ticks : 1, state: readHidden(kernel, graph, rows) }
  }
}
