/**
 * A columnar batch of readings in arrival order: parallel typed arrays, no object per reading.
 *
 * Shapes:    every column (rows); the first `count` rows are filled.
 * Units:     timeMs event time, arrivalMs recorded wall time, both ms since 1970; value in the sensor's unit.
 * Allocates: all columns once, at construction. `push` returns false when the frame is full.
 */
export class Frame {
  readonly capacity: number
  count = 0
  readonly slot: Int32Array
  readonly timeMs: Float64Array
  readonly value: Float64Array
  readonly quality: Uint8Array
  readonly arrivalMs: Float64Array

  constructor(capacity: number) {
    this.capacity = capacity
    this.slot = new Int32Array(capacity)
    this.timeMs = new Float64Array(capacity)
    this.value = new Float64Array(capacity)
    this.quality = new Uint8Array(capacity)
    this.arrivalMs = new Float64Array(capacity)
  }

  push(slot: number, timeMs: number, value: number, quality: number, arrivalMs: number): boolean {
    const row = this.count
    if (row === this.capacity) return false
    this.slot[row] = slot
    this.timeMs[row] = timeMs
    this.value[row] = value
    this.quality[row] = quality
    this.arrivalMs[row] = arrivalMs
    this.count = row + 1
    return true
  }

  clear(): void {
    this.count = 0
  }
}
