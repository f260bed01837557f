/** Columns of a panel: two vectors of four. */
export const panelColumns = 8

/** A run of columns of a panel matrix: H rows of PyTorch's weights, scaled, at the columns `at` … `at + rows`. */
export interface Block {
  readonly at: number
  readonly rows: number
  /** First row of this block in the weights and biases. */
  readonly from: number
  /** What every weight and bias is multiplied with. */
  readonly scale: number
}

/** A matrix of PyTorch's layout, (rows, inputs) row-major, that takes part in a product. */
export interface Part {
  readonly weights: Float32Array
  readonly inputs: number
}

/**
 * Packs weights for `affine`: panels of eight columns, [bias (8)][k = 0 (8)][k = 1 (8)]….
 *
 * `parts` lie one after the other along k (the inputs, then the hidden state); biases are added up in float64.
 * Shapes: result (⌈columns/8⌉, 1 + K, 8); columns that no block fills are zeros.
 */
export function packPanels(
  columns: number,
  blocks: readonly Block[],
  parts: readonly Part[],
  biases: readonly (Float32Array | null)[],
): Float32Array {
  const k = parts.reduce((total, { inputs }) => total + inputs, 0)
  const panels = Math.ceil(columns / panelColumns)
  const packed = new Float32Array(panels * (1 + k) * panelColumns)
  for (const { at, rows, from, scale } of blocks) {
    for (let row = 0; row < rows; row++) {
      const column = at + row
      const panel = Math.floor(column / panelColumns) * (1 + k) * panelColumns + (column % panelColumns)
      let bias = 0
      for (const values of biases) bias += values?.[from + row] ?? 0
      packed[panel] = bias * scale
      let line = 1
      for (const { weights, inputs } of parts) {
        for (let i = 0; i < inputs; i++)
          packed[panel + line++ * panelColumns] = weights[(from + row) * inputs + i]! * scale
      }
    }
  }
  return packed
}
