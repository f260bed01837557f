import type { Activation } from './activation.ts'
import { architectureError } from './architecture.ts'
import type { MergeNode, TrainingGraph, TrainingNode } from './graph.ts'
import type { Module } from './module-table.ts'

type NodeKind<Op extends TrainingNode['op']> = Extract<TrainingNode, { op: Op }>
/** The fields of a node that are its own: not those that every node has. */
type OwnFields<Op extends TrainingNode['op']> = Omit<NodeKind<Op>, 'op' | 'inputs' | 'width' | 'sequence' | 'label'>

/** Collects the nodes of one graph, and says in the words of the declaration what does not fit. */
export class GraphBuilder {
  /** Whether dropout becomes nodes. */
  readonly drops: boolean
  readonly #nodes: TrainingNode[] = []
  #states = 0

  constructor(inputs: number, drops: boolean) {
    this.drops = drops
    this.#nodes.push({ op: 'input', inputs: [], width: inputs, sequence: true, label: 'input' })
  }

  /** A node that reads one other and has the same width and form unless said otherwise. */
  add<Op extends Exclude<TrainingNode['op'], 'input' | 'merge'>>(
    module: Module,
    op: Op,
    from: number,
    own: OwnFields<Op>,
    form: { readonly width?: number; readonly sequence?: boolean } = {},
  ): number {
    const { width, sequence } = this.#nodes[from]!
    return this.#push({ op, inputs: [from], width, sequence, ...form, label: labelOf(module), ...own } as NodeKind<Op>)
  }

  /** Several values made one. Errors: widths that differ (but for `concat`), a vector beside a sequence. */
  merge(module: Module, how: MergeNode['how'], inputs: readonly number[]): number {
    const parts = inputs.map((index) => this.#nodes[index]!)
    const { sequence, width } = parts[0]!
    const wide = parts.map((part) => part.width)
    if (parts.some((part) => part.sequence !== sequence)) {
      throw architectureError(
        `${labelOf(module)} joins a sequence with one vector: give the vector a Repeat, or the sequence a Last`,
      )
    }
    if (how !== 'concat' && wide.some((one) => one !== width)) {
      throw architectureError(
        `${labelOf(module)}: values of ${wide.join(' and ')} features cannot be joined by "${how}"`,
      )
    }
    const total = how === 'concat' ? wide.reduce((sum, one) => sum + one, 0) : width
    return this.#push({ op: 'merge', how, inputs, width: total, sequence, label: labelOf(module) })
  }

  /** An elementwise function, or nothing for null. */
  activate(module: Module, from: number, activation: Activation | null): number {
    return activation === null ? from : this.add(module, 'activation', from, { activation })
  }

  /** What training makes of a value that is dropped with probability p; `whole`: alike at all ticks of a window. */
  dropout(module: Module, from: number, p: number, whole = false): number {
    return this.drops && p > 0 ? this.add(module, 'dropout', from, { p, whole }) : from
  }

  /** The value at the last tick, or at the first; a vector stays what it is. */
  last(module: Module, from: number, first = false): number {
    return this.isSequence(from) ? this.add(module, 'last', from, { first }, { sequence: false }) : from
  }

  /** Errors: the node's width is not what the module's option says. */
  expectWidth(module: Module, option: string, says: number, from: number): void {
    const { width } = this.#nodes[from]!
    if (width === says) return
    throw architectureError(
      `${labelOf(module)}: ${option} is ${says}, but ${this.#giverOf(module, from)} gives ${width}`,
    )
  }

  /** Errors: the node is one vector. */
  expectSequence(module: Module, from: number): void {
    if (this.isSequence(from)) return
    throw architectureError(
      `${labelOf(module)} reads a sequence, but ${this.#nodes[from]!.label} gives one vector: put a Repeat between`,
    )
  }

  /** Who gives the value that a module reads: what is behind the nodes of its own, such as the last tick that it takes. */
  #giverOf(module: Module, from: number): string {
    const { label, inputs } = this.#nodes[from]!
    return label === labelOf(module) && inputs[0] !== undefined ? this.#giverOf(module, inputs[0]) : label
  }

  isSequence(index: number): boolean {
    return this.#nodes[index]!.sequence
  }

  widthOf(index: number): number {
    return this.#nodes[index]!.width
  }

  /** The next place in `HiddenState`. */
  nextState(): number {
    return this.#states++
  }

  graph(output: number): TrainingGraph {
    return { nodes: this.#nodes, output }
  }

  #push(node: TrainingNode): number {
    return this.#nodes.push(node) - 1
  }
}

/** A module in messages: its name, or its type and place. */
export function labelOf({ id, type }: Module): string {
  return id.startsWith(`${type}#`) ? id : `${id} (${type})`
}

/** The prefix of a module's tensors. */
export function prefixOf({ name }: Module): string {
  return name === '' ? '' : `${name}.`
}
