import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArchitecture } from '../../src/model/architecture.ts'
import type { HiddenState } from '../../src/model/hidden-state.ts'
import { lower } from '../../src/model/lower.ts'
import { createModel, type Model } from '../../src/model/model.ts'
import { parseSafetensors } from '../../src/model/safetensors.ts'
import { tensorShapes } from '../../src/model/tensor-shapes.ts'
import { caseNames, type GoldenCase, readCase } from './golden-case.ts'

type Json = Record<string, unknown>

/** One comparison with PyTorch: a model, what goes in, what comes out in float64, and how near it must be. */
export interface GoldenRun {
  readonly label: string
  readonly model: Model
  /** As PyTorch got it: (B,T,I) or (T,B,I). */
  readonly x: Float64Array
  readonly batch: number
  readonly ticks: number
  readonly batchFirst: boolean
  readonly state: HiddenState | undefined
  readonly want: { readonly output: Float64Array | undefined; readonly h?: Float64Array; readonly c?: Float64Array }
  /** Of a float32 engine: absolute, and relative to a value above 1 where `relative` says so. */
  readonly bar: number
  readonly relative: boolean
  /** Whether x holds numbers that a guarded stream treats otherwise. */
  readonly extreme: boolean
}

/** The architecture of a bare recurrent module of a case. */
export function recurrentModule({ json }: GoldenCase, name = ''): Json {
  const kind = String(json['kind']).split(/[-_]/)[0]!.toUpperCase()
  const isCell = json['group'] === 'cell'
  return {
    name,
    type: isCell ? `${kind}Cell` : kind,
    input_size: json['input_size'],
    hidden_size: json['hidden_size'],
    bias: json['bias'] ?? true,
    ...(kind === 'RNN' && { nonlinearity: String(json['kind']).slice(4) }),
    ...(isCell ? {} : { num_layers: json['num_layers'] ?? 1, bidirectional: json['bidirectional'] ?? false }),
    ...(kind === 'LSTM' && !isCell && { proj_size: json['proj_size'] ?? 0 }),
  }
}

/** A model of some of a file's tensors: those that the modules name. */
export function modelOf(golden: GoldenCase, modules: readonly Json[], file = golden.weightsPath): Model {
  const architecture = parseArchitecture({ modules })
  const shapes = tensorShapes(lower(architecture))
  const { tensors } = parseSafetensors(readFileSync(file))
  return createModel(golden.name, architecture, new Map([...tensors].filter(([name]) => shapes.has(name))))
}

/** Bare recurrent modules and cells. */
function recurrentRuns(): GoldenRun[] {
  return caseNames(/^(rnn_tanh|rnn_relu|gru|lstm)-(h\d|grid|layers|bi-|proj|saturated|extreme|cell)/).map((name) => {
    const golden = readCase(name)
    const { json, io } = golden
    const h0 = io.get('h0')
    const c0 = io.get('c0')
    const extreme = json['group'] === 'extreme'
    const h = io.get('hn.f64') ?? io.get('hn')
    const c = io.get('cn.f64') ?? io.get('cn')
    return {
      label: name,
      model: modelOf(golden, [recurrentModule(golden)]),
      x: io.get('x')!,
      batch: Number(json['batch']),
      ticks: Number(json['steps'] ?? 1),
      batchFirst: json['batch_first'] === true,
      state: h0 && { h: Float32Array.from(h0), ...(c0 && { c: Float32Array.from(c0) }) },
      // Of a cell, the new h is the output.
      want: { output: io.get('y.f64') ?? io.get('y') ?? h, ...(h && { h }), ...(c && { c }) },
      bar: extreme || name.endsWith('saturated') ? 1e-5 : 1e-6,
      relative: extreme && name.startsWith('rnn_relu'),
      extreme: /extreme-(nan|inf|huge)/.test(name),
    }
  })
}

/** A run of several modules from zero states, batch first, that ends in the tensor `output` of the file. */
function modulesRun(
  golden: GoldenCase,
  output: string,
  modules: readonly Json[],
  shape: { readonly batch: number; readonly ticks: number; readonly bar: number; readonly file?: string },
): GoldenRun {
  return {
    label: `${golden.name} ${shape.file ?? output}`,
    model: modelOf(golden, modules, shape.file && join(golden.weightsPath, '..', shape.file)),
    x: golden.io.get('x')!,
    batch: shape.batch,
    ticks: shape.ticks,
    batchFirst: true,
    state: undefined,
    want: { output: golden.io.get(`${output}.f64`)! },
    bar: shape.bar,
    relative: false,
    extreme: false,
  }
}

/** Recurrent layers and a linear head on the last step, as tutorials have them. */
function modelRuns(): GoldenRun[] {
  return ['article-gru', 'article-lstm', 'small-gru-files'].flatMap((name) => {
    const golden = readCase(name)
    const { json, io } = golden
    const recurrent = recurrentModule(
      { ...golden, json: { ...json, kind: name === 'article-lstm' ? 'lstm' : 'gru' } },
      name === 'article-lstm' ? 'lstm' : 'gru',
    )
    const head = { name: 'fc', type: 'Linear', in_features: json['hidden_size'], out_features: 1, on: 'last' }
    const batch = io.get('y.f64')!.length
    const shape = { batch, ticks: io.get('x')!.length / batch / Number(json['input_size']) }
    // Half precision rounds the weights, so its bars are those of its 11 and 8 bits.
    const files =
      name === 'small-gru-files'
        ? ([
            ['f16.safetensors', 2e-3],
            ['bf16.safetensors', 2e-2],
          ] as const)
        : []
    return [
      modulesRun(golden, 'y', [recurrent, head], { ...shape, bar: 1e-6 }),
      ...files.map(([file, bar]) => modulesRun(golden, 'y', [recurrent, head], { ...shape, bar, file })),
    ]
  })
}

/** Attention: `window` makes it one that a stream can run; as long as the sequence it changes nothing for a causal one. */
export function attentionRuns(window: number): GoldenRun[] {
  const shape = { batch: 3, ticks: 9, bar: 2e-6 }
  return caseNames(/mha|additive/).flatMap((name) => {
    const golden = readCase(name)
    const size = Number(golden.json['hidden_size'])
    if (name.includes('additive')) {
      const gru = { name: 'gru', type: 'GRU', input_size: 2, hidden_size: size }
      const attention = { type: 'AdditiveAttention', in_features: size, attention_size: size + 1, window }
      const head = { name: 'head', type: 'Linear', in_features: size, out_features: 2 }
      return [
        modulesRun(golden, 'context', [gru, attention, { type: 'Last' }], shape),
        modulesRun(golden, 'y', [gru, attention, { type: 'Last' }, head], shape),
      ]
    }
    const causal = golden.json['causal'] === true
    if (window > 0 && !causal) return []
    const lstm = { name: 'lstm', type: 'LSTM', input_size: 2, hidden_size: size }
    const attention = {
      name: 'attn',
      type: 'MultiheadAttention',
      embed_dim: size,
      num_heads: golden.json['heads'],
      causal,
      window,
    }
    const whole = [lstm, { ...attention, residual: true }, { name: 'norm', type: 'LayerNorm', normalized_shape: size }]
    const head = { name: 'fc', type: 'Linear', in_features: size, out_features: 1, on: 'last' }
    return [
      modulesRun(golden, 'attn', [lstm, attention], shape),
      modulesRun(golden, 'norm', whole, shape),
      modulesRun(golden, 'y', [...whole, head], shape),
    ]
  })
}

/** Dense layers, norms, and Gaussian and quantile heads. */
function headRuns(): GoldenRun[] {
  return caseNames(/^heads-/).flatMap((name) => {
    const golden = readCase(name)
    const size = Number(golden.json['hidden_size'])
    const shape = { batch: 5, ticks: 1, bar: 2e-6 }
    const body = [
      { name: 'body.0', type: 'Linear', in_features: size, out_features: size + 3 },
      { type: 'ReLU' },
      { name: 'body.2', type: 'Linear', in_features: size + 3, out_features: size },
      { name: 'body.3', type: 'LayerNorm', normalized_shape: [size] },
      { type: 'GELU' },
      { name: 'body.5', type: 'BatchNorm1d', num_features: size },
    ]
    const gauss = { name: 'gauss', type: 'Gaussian', in_features: size, out_features: 1 }
    const quantile = { name: 'quant', type: 'Quantile', in_features: size, out_features: 1, levels: [0.1, 0.5, 0.9] }
    const both = interleaved(golden.io.get('mean.f64')!, golden.io.get('scale.f64')!)
    return [
      modulesRun(golden, 'body', body, shape),
      modulesRun({ ...golden, io: new Map([...golden.io, ['gauss.f64', both]]) }, 'gauss', [...body, gauss], shape),
      modulesRun(golden, 'quantiles', [...body, quantile], shape),
    ]
  })
}

function interleaved(a: Float64Array, b: Float64Array): Float64Array {
  return Float64Array.from({ length: 2 * a.length }, (_, i) => (i % 2 === 0 ? a : b)[i >> 1]!)
}

/** Everything that PyTorch computed and this program can compute, in one list. */
export const goldenRuns: readonly GoldenRun[] = [...recurrentRuns(), ...modelRuns(), ...attentionRuns(0), ...headRuns()]

/**
 * Largest difference: absolute, or relative to what is above 1 in size.
 *
 * Infinity where one is NaN or infinite and the other is not the same.
 */
export function difference(got: ArrayLike<number>, want: ArrayLike<number>, relative: boolean): number {
  if (got.length !== want.length) return Infinity
  let largest = 0
  for (let i = 0; i < want.length; i++) {
    if (Object.is(got[i], want[i])) continue
    const scale = relative ? Math.max(1, Math.abs(want[i]!)) : 1
    const one = Math.abs(got[i]! - want[i]!) / scale
    if (!(one <= largest)) largest = Number.isNaN(one) ? Infinity : one
  }
  return largest
}
