import { OperatingError } from '../base/errors.ts'
import type { Node } from './graph.ts'
import type { Model } from './model.ts'

/**
 * Refuses a model that cannot be stepped one reading at a time.
 *
 * Errors: `OperatingError('model')` naming the module and why it needs a whole window.
 */
export function requireStreamable(model: Model): void {
  for (const node of model.graph.nodes) {
    const why = reason(node)
    if (why === null) continue
    throw new OperatingError(
      'model',
      `${model.name} cannot run on a stream: ${node.label} ${why}; it runs on windows only`,
    )
  }
}

/** Whether `requireStreamable` would let it pass. */
export function isStreamable(model: Model): boolean {
  return model.graph.nodes.every((node) => reason(node) === null)
}

function reason(node: Node): string | null {
  switch (node.op) {
    case 'recurrent':
      return node.reverse ? 'reads the ticks backwards (bidirectional or go_backwards), so it reads the future' : null
    case 'pool':
      return node.how === 'flatten'
        ? 'lays all ticks side by side (Flatten)'
        : `takes the ${node.how} over all ticks (Pool)`
    case 'repeat':
      return 'repeats the last value for every tick (Repeat)'
    case 'additiveAttention':
      return node.window === 0 ? 'attends to the whole window: give it a finite "window"' : null
    case 'dotAttention':
      if (!node.causal) return 'attends to later ticks, which reads the future: give it a finite "window"'
      return node.window === 0 ? 'attends to everything before it: give it a finite "window"' : null
    default:
      return null
  }
}
