import { asOperatingError, OperatingError } from '../../base/errors.ts'
import { createModel, type Model, type ModelCard } from '../../model/model.ts'
import { Declaration } from './declaration.ts'
import { importCard } from './import-card.ts'
import { attend } from './onnx-attention.ts'
import { constantOf, fold } from './onnx-fold.ts'
import { operators } from './onnx-operators.ts'
import { together } from './onnx-parts.ts'
import { plumbing } from './onnx-plumbing.ts'
import { importRecurrentOperator, isRecurrentOperator } from './onnx-recurrent.ts'
import { unroll } from './onnx-unrolled.ts'
import {
  type InputValue,
  type OnnxContext,
  type OnnxValue,
  refusedNode,
  type SignalValue,
  signalOf,
} from './onnx-value.ts'
import { type OnnxFile, type OnnxNode, readOnnx } from './onnx-wire.ts'

/**
 * Reads an ONNX model: recurrent operators with what PyTorch's two exporters write around them, and dense layers.
 *
 * Works when: one input of three dimensions, batch and time in either order; the first output is computed. Initial
 * states that are inputs become `state` of `forward`, the card says in which order; final states that are outputs are
 * in its result.
 * Errors: `OperatingError('model')` naming the operator, what of it is not built, and what to do; also for a damaged file.
 */
export function importOnnx(bytes: Uint8Array, name: string): Model {
  try {
    const file = readOnnx(bytes)
    const translation = new OnnxTranslation(file)
    const output = translation.run()
    const { declaration } = translation.context
    const architecture = declaration.architecture(widthOf(file, translation.context))
    const card = cardOf(file, translation, output)
    return createModel(name, architecture, declaration.tensors, { card })
  } catch (error) {
    throw asOperatingError(error, 'model')
  }
}

/** Operators that compute on values: what they read of the graph's inputs is the model's own. */
const computing: ReadonlySet<string> = new Set([
  'MatMul',
  'Add',
  'Sub',
  'Mul',
  'Div',
  'Pow',
  'Tanh',
  'Erf',
  'ReduceMean',
])

/** Features of the input that the model computes on. */
function widthOf({ inputs }: OnnxFile, { data }: OnnxContext): number {
  return Number(inputs.find(({ name }) => name === data)?.dims.at(-1))
}

/** Goes through the operators that the first output needs, in the file's order. */
class OnnxTranslation {
  readonly context: OnnxContext
  readonly values = new Map<string, OnnxValue>()

  constructor(file: OnnxFile) {
    for (const { name, dims } of file.inputs) this.values.set(name, { kind: 'input', name, dims, rows: null })
    // Old files list their constants among the inputs, too.
    for (const [name, tensor] of file.constants) this.values.set(name, constantOf(tensor))
    const uses = usesOf(file)
    this.context = { file, declaration: new Declaration(), time: null, states: [], uses, data: null }
  }

  run(): SignalValue {
    const { file, uses, declaration } = this.context
    const output = file.outputs[0]
    if (output === undefined) throw new OperatingError('model', 'the ONNX graph has no output')
    for (const node of file.nodes) {
      if (node.outputs.some((one) => uses.has(one))) this.#evaluate(node)
    }
    const last = file.nodes.findLast((node) => node.outputs.includes(output))
    if (last === undefined) throw new OperatingError('model', `no operator of the graph gives its output ${output}`)
    const signal = signalOf(this.context, last, this.values.get(output))
    if (declaration.modules.length === 0)
      throw refusedNode(last, 'the model computes nothing', 'there is nothing to load')
    return signal
  }

  #evaluate(node: OnnxNode): void {
    const inputs = node.inputs.map((name) => {
      const value = name === '' ? undefined : this.values.get(name)
      if (name !== '' && value === undefined) {
        throw refusedNode(node, `it reads ${name}, which nothing gives`, 'export the model again')
      }
      return value?.kind === 'input' && computing.has(node.op) ? signalOf(this.context, node, value) : value
    })
    const outputs = this.#outputsOf(node, inputs)
    for (const [at, name] of node.outputs.entries()) {
      const value = outputs[at]
      if (name !== '' && value !== undefined) this.values.set(name, value)
    }
  }

  #outputsOf(node: OnnxNode, inputs: readonly (OnnxValue | undefined)[]): readonly OnnxValue[] {
    const known = node.domain === '' || node.domain === 'ai.onnx'
    if (known && isRecurrentOperator(node.op)) return importRecurrentOperator(this.context, node, inputs)
    const attended = known ? attend(this.context, node, inputs) : undefined
    if (attended !== undefined) return [attended]
    const joined = known ? together(this.context, node, inputs) : undefined
    if (joined !== undefined) return [joined]
    const unrolled = known ? unroll(this.context, node, inputs) : undefined
    if (unrolled !== undefined) return [unrolled]
    const folded = known ? fold(node, inputs) : undefined
    if (folded !== undefined) return [folded]
    const translation = [plumbing, operators].find((table) => known && Object.hasOwn(table, node.op))?.[node.op]
    if (translation !== undefined) return [translation(this.context, node, inputs)]
    const built = ['RNN', 'GRU', 'LSTM', ...Object.keys(operators), ...Object.keys(plumbing)].join(', ')
    throw refusedNode(
      node,
      `the operator ${node.domain}${known ? '' : '::'}${node.op} is not built`,
      `built are ${built}`,
    )
  }
}

/** How often each value is read on the way to the first output; what is not in the map is not needed. */
function usesOf({ nodes, outputs }: OnnxFile): Map<string, number> {
  const uses = new Map<string, number>()
  const count = (name: string): void => void uses.set(name, (uses.get(name) ?? 0) + 1)
  if (outputs[0] !== undefined) count(outputs[0])
  // Operators come after those they read, so one pass from the end sees every reader before what it reads.
  for (const node of [...nodes].reverse()) {
    if (node.outputs.some((name) => uses.has(name))) for (const name of new Set(node.inputs)) count(name)
  }
  return uses
}

function cardOf(file: OnnxFile, { context, values }: OnnxTranslation, output: SignalValue): ModelCard {
  const inputOrder = context.time === 'first' ? 'time, batch, features' : 'batch, time, features'
  const roles = output.axes.map(({ role }) => {
    if (role === 'first' || role === 'second') return role === (context.time ?? 'second') ? 'time' : 'batch'
    return role === 'feature' ? 'features' : role
  })
  const more = file.outputs.slice(1).filter((name) => !isFinalState(file, values, name))
  const states = (['h', 'c'] as const).flatMap((of) => {
    const text = stateOrder(context, of)
    return text === '' ? [] : [[`initial_state_${of}`, text]]
  })
  return importCard(
    `ONNX, opset ${file.opset}, written by ${file.producer || 'an unnamed program'}`,
    context.declaration,
    {
      input: `${context.data ?? ''} (${inputOrder})`,
      output: `${file.outputs[0] ?? ''} (${roles.join(', ')})`,
      ...Object.fromEntries(states),
      ...(more.length > 0 ? { outputs_not_computed: more.join(', ') } : {}),
    },
  )
}

/** Whether an output is a state at the end, or several one after the other: `forward` gives them as its state. */
function isFinalState(file: OnnxFile, values: ReadonlyMap<string, OnnxValue>, name: string): boolean {
  if (values.get(name)?.kind === 'final') return true
  const node = file.nodes.find(({ outputs }) => outputs.includes(name))
  return node?.op === 'Concat' && node.inputs.every((input) => values.get(input)?.kind === 'final')
}

/**
 * The inputs that give the initial states, in the order in which `forward` takes them.
 *
 * Errors: some layers begin at zero and others not, or an input gives its rows in another order than the layers'.
 */
function stateOrder({ states }: OnnxContext, of: 'h' | 'c'): string {
  const all = states.filter(({ isLstm }) => of === 'h' || isLstm).map((state) => state[of])
  const given = all.filter((state): state is InputValue => state !== null)
  if (given.length === 0) return ''
  const inOrder = given.every(({ name, rows }, at) => {
    const before = given[at - 1]
    return rows![0] === (before?.name === name ? before.rows![1] : 0)
  })
  if (given.length < all.length || !inOrder) {
    throw new OperatingError('model', `the initial states of the layers are partly inputs (${of}): give all, in order`)
  }
  return [...new Set(given.map(({ name }) => name))].join(', then ')
}
