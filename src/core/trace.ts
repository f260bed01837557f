import { type Arena, traceTicks } from './arena.ts'

/** Keeps what a network is about to see of a slot, in place of what it saw `traceTicks` before. */
export function keepInputs(
  { traces, traceWidth }: Arena,
  slot: number,
  inputs: number,
  x: Float32Array,
  from: number,
): void {
  const at = slot * traceWidth
  const seen = traces[at]!
  const to = at + 1 + (seen % traceTicks) * inputs
  for (let i = 0; i < inputs; i++) traces[to + i] = x[from + i]!
  // A float32 counts no further than 2²⁴: above one round only the place matters.
  traces[at] = seen + 1 === 2 * traceTicks ? traceTicks : seen + 1
}

/** (T,I) of what a slot's network saw last, oldest first; NaN before the first tick. */
export function traceOf({ traces, traceWidth }: Arena, slot: number, inputs: number): Float32Array {
  const at = slot * traceWidth
  const seen = traces[at]!
  const window = new Float32Array(traceTicks * inputs).fill(Number.NaN)
  const count = Math.min(seen, traceTicks)
  for (let back = 1; back <= count; back++) {
    const from = at + 1 + ((seen - back) % traceTicks) * inputs
    window.set(traces.subarray(from, from + inputs), (traceTicks - back) * inputs)
  }
  return window
}
