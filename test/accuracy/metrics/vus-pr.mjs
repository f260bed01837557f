/**
 * VUS-PR: the volume under the precision-recall surface whose third axis is how far around a label a detection still counts.
 *
 * Works when scores rank rows of one series; fails to say anything about calibration, for no threshold is fixed.
 * Not point-adjusted: within a label every missed row costs recall.
 * Source: Paparrizos et al. 2022, "Volume under the surface" (VLDB 15), its range-aware precision and recall; all distinct
 * scores are thresholds here, where its reference implementation samples 250 of them.
 */

/** @typedef {import('./nab-score.mjs').RowSpan} RowSpan */

/** Buffers in rows over which the surface is averaged. */
export const vusBuffers = [0, 20, 40, 60, 80, 100]

/**
 * Labels with a shoulder on both sides that falls as a square root over half the buffer.
 * @param {number} rows
 * @param {readonly RowSpan[]} windows
 * @param {number} buffer
 */
function softLabels(rows, windows, buffer) {
  const labels = new Float64Array(rows)
  const half = Math.floor(buffer / 2)
  for (const [first, last] of windows) {
    labels.fill(1, first, last + 1)
    for (let away = 1; away <= half; away++) {
      const shoulder = Math.sqrt(1 - away / buffer)
      for (const row of [first - away, last + away]) {
        if (row >= 0 && row < rows) labels[row] = Math.min(1, (labels[row] ?? 0) + shoulder)
      }
    }
  }
  return labels
}

/**
 * Which stretch of non-zero labels a row lies in, −1 for none, and how many there are.
 * @param {Float64Array} labels
 */
function stretchesOf(labels) {
  const stretch = new Int32Array(labels.length).fill(-1)
  let count = 0
  for (let row = 0; row < labels.length; row++) {
    if (labels[row] === 0) continue
    if (row === 0 || labels[row - 1] === 0) count++
    stretch[row] = count - 1
  }
  return { stretch, count }
}

/**
 * Area under the range-aware precision-recall curve of one buffer.
 * @param {ArrayLike<number>} score
 * @param {Int32Array} order rows, highest score first
 * @param {readonly RowSpan[]} windows
 * @param {number} buffer
 */
function rangePr(score, order, windows, buffer) {
  const labels = softLabels(score.length, windows, buffer)
  const { stretch, count } = stretchesOf(labels)
  const hit = new Uint8Array(count)
  const inside = softLabels(score.length, windows, 0)
  const hard = inside.reduce((sum, label) => sum + label, 0)
  let [gained, shoulders, stretchesHit, area, recallBefore] = [0, 0, 0, 0, 0]
  for (let at = 0; at < order.length; at++) {
    const row = order[at] ?? 0
    const label = labels[row] ?? 0
    gained += label
    if (inside[row] === 0) shoulders += label
    const own = stretch[row] ?? -1
    if (own >= 0 && hit[own] === 0) {
      hit[own] = 1
      stretchesHit++
    }
    if (at + 1 < order.length && score[order[at + 1] ?? 0] === score[row]) continue
    const positives = hard + shoulders / 2
    const recall = Math.min(1, gained / positives) * (stretchesHit / count)
    area += (recall - recallBefore) * (gained / (at + 1))
    recallBefore = recall
  }
  return area
}

/**
 * VUS-PR of one series: 1 for a score that ranks every labelled row above all others; about the labelled share for noise.
 *
 * Errors: `RangeError` for a series without a label, of which it says nothing.
 * @param {ArrayLike<number>} score
 * @param {readonly RowSpan[]} windows
 * @param {readonly number[]} [buffers] rows
 */
export function vusPr(score, windows, buffers = vusBuffers) {
  if (windows.length === 0) throw new RangeError('VUS-PR needs a labelled window: leave series without labels out')
  const order = Int32Array.from({ length: score.length }, (_, row) => row)
  order.sort((a, b) => (score[b] ?? 0) - (score[a] ?? 0) || a - b)
  return buffers.reduce((sum, buffer) => sum + rangePr(score, order, windows, buffer), 0) / buffers.length
}
