import { type ConstantValue, type FillValue, fromEnd, numberOf, type OnnxValue, type SizesValue } from './onnx-value.ts'
import type { OnnxNode, OnnxTensor, Size } from './onnx-wire.ts'

/** A list of sizes out of a constant or a shape; null for anything else. */
export function sizesOf(value: OnnxValue | undefined): readonly Size[] | null {
  if (value?.kind === 'sizes') return value.sizes
  return value?.kind === 'constant' && !value.isFloat ? Array.from(value.data) : null
}

/** Fixed whole numbers out of a constant or shape; null where one is open. */
export function integersOf(value: OnnxValue | undefined): number[] | null {
  const sizes = sizesOf(value)
  return sizes?.every((size) => typeof size === 'number') ? [...(sizes as number[])] : null
}

/** A tensor as a value. */
export function constantOf(tensor: OnnxTensor): ConstantValue {
  return { kind: 'constant', ...tensor }
}

function listOf(sizes: readonly Size[], isList = true): SizesValue {
  return { kind: 'sizes', sizes, isList }
}

/**
 * The value of an operator on shapes, constants and fills alone: what exporters write to make zero states and shapes.
 *
 * Returns undefined for an operator or values that are none of these.
 */
export function fold(node: OnnxNode, values: readonly (OnnxValue | undefined)[]): OnnxValue | undefined {
  const [x] = values
  if (node.op === 'Constant') return foldConstant(node)
  if (node.op === 'ConstantOfShape') return fillOf(node.attributes.get('value')?.tensor?.data[0] ?? 0)
  if (node.op === 'Shape') return foldShape(node, x)
  if (x?.kind === 'fill') return foldFill(node, x)
  if (node.op === 'Expand' && x?.kind === 'constant') {
    const [first] = x.data
    if (first !== undefined && Array.prototype.every.call(x.data, (one) => one === first)) return fillOf(first)
  }
  if (x?.kind === 'constant' && (x.isFloat || x.dims.length > 1)) return foldTensor(node, x, values)
  return values.every((value) => value === undefined || sizesOf(value) !== null) ? foldSizes(node, values) : undefined
}

function fillOf(value: number): FillValue {
  return { kind: 'fill', value }
}

function foldConstant(node: OnnxNode): OnnxValue | undefined {
  const tensor = node.attributes.get('value')?.tensor
  if (tensor !== undefined) return constantOf(tensor)
  const ints = node.attributes.get('value_ints')?.numbers
  if (ints !== undefined) return listOf(ints)
  const int = node.attributes.get('value_int')?.number
  if (int !== undefined) return listOf([int], false)
  const float = node.attributes.get('value_float')?.number
  return float === undefined ? undefined : constantOf({ dims: [], isFloat: true, data: Float32Array.of(float) })
}

function foldShape(node: OnnxNode, x: OnnxValue | undefined): OnnxValue | undefined {
  const dims = dimsOf(x)
  if (dims === null) return undefined
  const from = fromEnd(numberOf(node, 'start', 0), dims.length)
  return listOf(dims.slice(from, fromEnd(numberOf(node, 'end', dims.length), dims.length)))
}

function dimsOf(x: OnnxValue | undefined): readonly Size[] | null {
  if (x?.kind === 'signal') return x.axes.map((axis) => axis.size)
  return x?.kind === 'input' || x?.kind === 'constant' ? x.dims : null
}

const keepsFill = ['Slice', 'Squeeze', 'Unsqueeze', 'Transpose', 'Reshape', 'Expand', 'Identity', 'Cast', 'Gather']

function foldFill(node: OnnxNode, x: FillValue): OnnxValue | undefined {
  return keepsFill.includes(node.op) ? x : undefined
}

/** Weights that an exporter leaves in another order or form. */
function foldTensor(
  node: OnnxNode,
  x: ConstantValue,
  values: readonly (OnnxValue | undefined)[],
): OnnxValue | undefined {
  const { dims } = x
  switch (node.op) {
    case 'Identity':
    case 'Cast':
      return x
    case 'Transpose': {
      if (dims.length > 2) return undefined
      const perm = node.attributes.get('perm')?.numbers ?? [1, 0]
      return dims.length < 2 || perm[0] === 0 ? x : { ...x, dims: [dims[1]!, dims[0]!], data: turned(x) }
    }
    case 'Squeeze':
      return { ...x, dims: dims.filter((n) => n !== 1) }
    case 'Unsqueeze':
    case 'Reshape': {
      const target = node.op === 'Reshape' ? integersOf(values[1]) : unsqueezed(node, dims, values[1])
      if (target === null) return undefined
      const rest = target.filter((n) => n !== -1).reduce((product, n) => product * n, 1)
      const whole = target.map((n) => (n === -1 ? x.data.length / rest : n))
      return whole.reduce((product, n) => product * n, 1) === x.data.length ? { ...x, dims: whole } : undefined
    }
    default:
      return undefined
  }
}

function unsqueezed(node: OnnxNode, dims: readonly number[], axes: OnnxValue | undefined): number[] | null {
  const at = node.attributes.get('axes')?.numbers ?? integersOf(axes)
  if (at === null) return null
  const out = [...dims]
  for (const axis of [...at].map((one) => fromEnd(one, dims.length + at.length)).sort((a, b) => a - b)) {
    out.splice(axis, 0, 1)
  }
  return out
}

function turned({ dims, data }: ConstantValue): Float32Array {
  const [rows, columns] = [dims[0]!, dims[1]!]
  const out = new Float32Array(data.length)
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) out[c * rows + r] = data[r * columns + c]!
  return out
}

function foldSizes(node: OnnxNode, values: readonly (OnnxValue | undefined)[]): OnnxValue | undefined {
  const lists = values.map((value) => (value === undefined ? [] : (sizesOf(value) ?? [])))
  const x = lists[0] ?? []
  const fixed = (at: number, fallback: number): number => {
    const size = lists[at]?.[0]
    return typeof size === 'number' ? size : fallback
  }
  switch (node.op) {
    case 'Identity':
    case 'Cast':
    case 'Reshape':
    case 'Unsqueeze':
      return listOf(x)
    case 'Squeeze':
      return listOf(x, false)
    case 'Concat':
      return listOf(lists.flat())
    case 'Gather': {
      const index = lists[1] ?? []
      const picked = index.map((one) => (typeof one === 'number' ? x[fromEnd(one, x.length)] : undefined))
      if (picked.some((one) => one === undefined)) return undefined
      const isList = values[1]?.kind === 'constant' ? values[1].dims.length > 0 : true
      return listOf(picked as Size[], isList)
    }
    case 'Slice': {
      const from = node.attributes.get('starts')?.numbers?.[0] ?? fixed(1, 0)
      const to = node.attributes.get('ends')?.numbers?.[0] ?? fixed(2, x.length)
      return listOf(x.slice(fromEnd(from, x.length), Math.min(fromEnd(to, x.length), x.length)))
    }
    case 'Mul':
    case 'Add':
    case 'Sub':
    case 'Div':
      return foldArithmetic(node.op, x, lists[1] ?? [])
    default:
      return undefined
  }
}

function foldArithmetic(op: string, a: readonly Size[], b: readonly Size[]): OnnxValue {
  const length = Math.max(a.length, b.length)
  const sizes = Array.from({ length }, (_, at): Size => {
    const [p, q] = [a[at] ?? a[0] ?? 0, b[at] ?? b[0] ?? 0]
    if (typeof p !== 'number' || typeof q !== 'number') return `${p} ${op} ${q}`
    if (op === 'Mul') return p * q
    if (op === 'Add') return p + q
    return op === 'Sub' ? p - q : Math.trunc(p / q)
  })
  return listOf(sizes)
}
