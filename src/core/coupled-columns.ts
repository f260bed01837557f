/** Readings of a context sensor that are remembered: one that comes late, or runs ahead, is still found at its own time. */
export const heardDepth = 8

/**
 * Numbers that couple a sensor with its context, as offsets in its row; all zero is empty. `waits` … `masked`: its waiting tick (whether
 * there is one, scaled value, time) and how often a context was missing. `heard`, `ring`: how many readings of it others may read,
 * and the last of them (time, value). `held`: for each context column whether it was heard, its time and value.
 */
export const coupledColumns = {
  waits: 0,
  v: 1,
  timeMs: 2,
  masked: 3,
  heard: 4,
  ring: 5,
  held: 5 + 2 * heardDepth,
} as const

/** Numbers of one context column under `held`. */
export const heldWidth = 3

/** Numbers of a coupled sensor with so many context columns at most; none where no model reads any. */
export function coupledWidth(contextMost: number): number {
  return contextMost === 0 ? 0 : coupledColumns.held + heldWidth * contextMost
}
