import { integersOf } from './onnx-fold.ts'
import {
  fromEnd,
  type NormValue,
  numberOf,
  type OnnxContext,
  type OnnxValue,
  refusedNode,
  type SignalValue,
} from './onnx-value.ts'
import type { OnnxNode } from './onnx-wire.ts'
import { filled, tensorOf } from './tensor-layout.ts'

type Values = readonly (OnnxValue | undefined)[]

const advice =
  'it is a part of a function that is not recognised: export with a newer opset (17 has LayerNormalization, 20 Gelu)'

/**
 * Layer norms and GELU that an exporter of an older opset wrote out in their parts, made one module again.
 *
 * (x − mean) / √(mean((x − mean)²) + eps), and x · (erf(x / √2) + 1) · ½. Returns undefined for operators that are no part.
 */
export function together(context: OnnxContext, node: OnnxNode, values: Values): OnnxValue | undefined {
  const [x] = values
  if (node.op === 'ReduceMean' && x?.kind === 'signal' && isOverFeatures(node, values)) {
    return { kind: 'norm', of: x, stage: 'mean', eps: 0 }
  }
  if (node.op === 'Erf' && x?.kind === 'signal') return erfOf(context, node, x)
  const part = values.find((value): value is NormValue => value?.kind === 'norm')
  if (part === undefined) return undefined
  const next =
    part.stage === 'erf' || part.stage === 'half'
      ? gelu(context, node, part, values)
      : norm(context, node, part, values)
  if (next !== undefined) return next
  throw refusedNode(node, 'it reads a part of a norm or a GELU', advice)
}

function isOverFeatures(node: OnnxNode, [x, given]: Values): boolean {
  const axes = node.attributes.get('axes')?.numbers ?? integersOf(given) ?? []
  const all = x?.kind === 'signal' ? x.axes : x?.kind === 'norm' ? x.of.axes : []
  const isLast = axes.length === 1 && fromEnd(axes[0]!, all.length) === all.length - 1
  return isLast && all.at(-1)?.role === 'feature' && numberOf(node, 'keepdims', 1) !== 0
}

/** The one number of a constant; NaN for anything else. */
function only(value: OnnxValue | undefined): number {
  return value?.kind === 'constant' && value.data.length === 1 ? Number(value.data[0]) : Number.NaN
}

function norm(context: OnnxContext, node: OnnxNode, part: NormValue, values: Values): OnnxValue | undefined {
  const [a, b] = values
  const { of, stage } = part
  const isSame = a?.kind === 'signal' && a.value.id === of.value.id
  if (stage === 'mean' && node.op === 'Sub' && isSame && b === part) return { ...part, stage: 'centred' }
  if (stage === 'centred' && node.op === 'Pow' && only(b) === 2) return { ...part, stage: 'square' }
  if (stage === 'centred' && node.op === 'Mul' && a === b) return { ...part, stage: 'square' }
  if (stage === 'square' && node.op === 'ReduceMean' && isOverFeatures(node, values))
    return { ...part, stage: 'variance' }
  const eps = only(a === part ? b : a)
  if (stage === 'variance' && node.op === 'Add' && eps >= 0) return { ...part, stage: 'safe', eps }
  if (stage === 'safe' && node.op === 'Sqrt') return { ...part, stage: 'deviation' }
  const isWhole = b?.kind === 'norm' && b.stage === 'deviation' && b.of.value.id === of.value.id
  if (stage !== 'centred' || node.op !== 'Div' || !isWhole) return undefined
  const { width } = of.value
  const options = { normalized_shape: width, eps: b.eps }
  const tensors = { weight: filled(width, 1), bias: filled(width, 0) }
  const id = context.declaration.add('LayerNorm', 'layer_norm', of.value, options, tensors)
  return { ...of, value: { ...of.value, id } }
}

/** A factor or summand a feature right behind a layer norm whose own is still 1 or 0: it becomes that one. */
export function becomesAffine(
  { declaration, uses }: OnnxContext,
  node: OnnxNode,
  input: string,
  { value }: SignalValue,
  constant: readonly number[],
): boolean {
  const name = node.op === 'Mul' ? 'weight' : node.op === 'Add' ? 'bias' : null
  if (name === null || declaration.moduleOf(value)?.['type'] !== 'LayerNorm' || uses.get(input) !== 1) return false
  const own = (which: string): ArrayLike<number> => declaration.tensors.get(`${value.id}.${which}`)!.data
  const isFree = Array.prototype.every.call(own(name), (one) => one === (name === 'weight' ? 1 : 0))
  const isFirst = Array.prototype.every.call(own('bias'), (one) => one === 0)
  if (!isFree || !isFirst) return false
  declaration.tensors.set(`${value.id}.${name}`, tensorOf([value.width], constant))
  return true
}

/** erf of x / √2, which the translation of the division has made a module of: x is what that one reads. */
function erfOf({ declaration }: OnnxContext, node: OnnxNode, scaled: SignalValue): NormValue {
  const module = declaration.moduleOf(scaled.value)
  const name = String(module?.['name'])
  const factors = declaration.tensors.get(`${name}.weight`)
  const isScaled = module?.['type'] === 'BatchNorm1d' && /^(div|mul)/.test(name)
  if (!isScaled || !factors!.data.every((one) => Math.abs(one - Math.SQRT1_2) < 1e-6)) {
    throw refusedNode(node, 'erf of other than x / √2', advice)
  }
  const of = { ...scaled, value: { ...scaled.value, id: String(module['input']) } }
  declaration.removeUnread(name)
  return { kind: 'norm', of, stage: 'erf', eps: 0 }
}

function gelu(context: OnnxContext, node: OnnxNode, part: NormValue, values: Values): OnnxValue | undefined {
  const other = values[0] === part ? values[1] : values[0]
  const { of, stage, eps } = part
  // `eps` is what was added to erf: 1 before it is multiplied with x.
  if (stage === 'erf' && node.op === 'Add' && only(other) === 1) return { ...part, eps: 1 }
  const isX = other?.kind === 'signal' && other.value.id === of.value.id
  if (stage === 'erf' && eps === 1 && node.op === 'Mul' && isX) return { ...part, stage: 'half' }
  if (stage !== 'half' || node.op !== 'Mul' || only(other) !== 0.5) return undefined
  const id = context.declaration.add('Activation', 'gelu', of.value, { function: 'gelu' })
  return { ...of, value: { ...of.value, id } }
}
