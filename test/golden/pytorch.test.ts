import { describe, expect, test } from 'vitest'
import { elementwise } from '../../src/model/activation.ts'
import { parseArchitecture } from '../../src/model/architecture.ts'
import { createModel } from '../../src/model/model.ts'
import { forward, openStream } from '../../src/model/recurrent.ts'
import { runWindows, stateSizes } from '../../src/model/reference/windows.ts'
import { requireStreamable } from '../../src/model/streamable.ts'
import { readCase } from './golden-case.ts'
import { attentionRuns, difference, type GoldenRun, goldenRuns } from './golden-run.ts'
import { kernelNames } from './kernels.ts'

const functions = readCase('functions').io
/** Every elementwise function but Keras 2's, which torch does not have. */
const functionNames = (Object.keys(elementwise) as (keyof typeof elementwise)[]).filter(
  (name) => name !== 'hard_sigmoid_keras2',
)

/** x at one tick, (B,I). */
function atTick({ x, batch, ticks, batchFirst }: GoldenRun, tick: number): Float32Array {
  const inputs = x.length / batch / ticks
  return Float32Array.from({ length: batch * inputs }, (_, at) => {
    const b = Math.floor(at / inputs)
    return x[(batchFirst ? b * ticks + tick : tick * batch + b) * inputs + (at % inputs)]!
  })
}

function runsOnStream(run: GoldenRun): boolean {
  try {
    requireStreamable(run.model)
    return !run.extreme
  } catch {
    return false
  }
}

describe.each(kernelNames)('the %s kernel computes what PyTorch computes', (kernel) => {
  test.each(goldenRuns)('$label', (run) => {
    const { model, batch, ticks, batchFirst, state, want } = run
    const got = forward(model, Float32Array.from(run.x), { batch, ticks, batchFirst, kernel, ...(state && { state }) })
    if (want.output) expect(difference(got.output, want.output, run.relative)).toBeLessThanOrEqual(run.bar)
    if (want.h) expect(difference(got.state.h, want.h, run.relative)).toBeLessThanOrEqual(run.bar)
    if (want.c) expect(difference(got.state.c!, want.c, run.relative)).toBeLessThanOrEqual(run.bar)
    expect(want.output ?? want.h).toBeDefined()
  })

  test.each([...goldenRuns, ...attentionRuns(9)].filter(runsOnStream))('$label, tick by tick', (run) => {
    const { model, batch, ticks, batchFirst, state, want } = run
    const stream = openStream(model, { slots: batch + 3, kernel })
    // Rows that are neither in order nor together.
    const rows = Int32Array.from({ length: batch }, (_, b) => batch + 2 - b)
    if (state) stream.setHidden(rows, state)
    let y: Float32Array = new Float32Array(0)
    const perTick = want.output!.length / ticks
    const isVector = !model.graph.nodes[model.graph.output]!.sequence
    for (let tick = 0; tick < ticks; tick++) {
      y = stream.step(rows, atTick(run, tick))
      if (isVector) continue
      const outputs = perTick / batch
      const expected = Float64Array.from(y, (_, at) => {
        const b = Math.floor(at / outputs)
        return want.output![(batchFirst ? b * ticks + tick : tick * batch + b) * outputs + (at % outputs)]!
      })
      expect(difference(y, expected, run.relative), `tick ${tick}`).toBeLessThanOrEqual(run.bar)
    }
    if (isVector) expect(difference(y, want.output!, run.relative)).toBeLessThanOrEqual(run.bar)
    const hidden = stream.hidden(rows)
    if (want.h) expect(difference(hidden.h, want.h, run.relative)).toBeLessThanOrEqual(run.bar)
    if (want.c) expect(difference(hidden.c!, want.c, run.relative)).toBeLessThanOrEqual(run.bar)
  })

  test.each(functionNames)('the function %s', (name) => {
    const x = functions.get('x')!
    const want = functions.get(`${torchName(name)}.f64`)!
    const linear = { type: 'Linear', in_features: 1, out_features: 1, bias: false, activation: name }
    const one = new Map([['weight', { shape: [1, 1], data: Float32Array.of(1) }]])
    const model = createModel(name, parseArchitecture({ modules: [linear] }), one)
    const got = forward(model, Float32Array.from(x), { batch: x.length, ticks: 1, kernel }).output
    // Float32 overflows where float64 does not.
    const rounded = Float32Array.from(want)
    expect(difference(got, rounded, true)).toBeLessThanOrEqual(1e-6)
  })
})

describe('the reference, in float64 throughout, is PyTorch in float64', () => {
  // The files in half precision hold other weights than those whose outputs they are compared with.
  const exact = goldenRuns.filter(({ label }) => !label.includes('f16'))

  test.each(exact)('$label to 1e-12', ({ model, x, batch, ticks, batchFirst, state, want }) => {
    const { graph, tensors } = model
    const sizes = stateSizes(graph)
    const allocate = (size: number): Float64Array => new Float64Array(size)
    const h = state ? Float64Array.from(state.h) : allocate(batch * sizes.h)
    const c = state?.c ? Float64Array.from(state.c) : allocate(batch * sizes.c)
    const inputs = x.length / batch / ticks
    const turned = batchFirst ? x : exchanged(x, ticks, batch, inputs)
    const got = runWindows(graph, tensors, { x: turned, batch, ticks, h, c, allocate })
    const output = batchFirst ? got.data : exchanged(got.data, batch, got.ticks, got.data.length / batch / got.ticks)
    // Where torch's files carry no float64 output, float32 is what there is.
    const bar = want.output && isFloat32(want.output) ? 1e-6 : 1e-12
    if (want.output) expect(difference(output, want.output, true)).toBeLessThanOrEqual(bar)
    if (want.h) expect(difference(h, want.h, true)).toBeLessThanOrEqual(isFloat32(want.h) ? 1e-6 : 1e-12)
    if (want.c) expect(difference(c, want.c, true)).toBeLessThanOrEqual(isFloat32(want.c) ? 1e-6 : 1e-12)
  })

  test.each(functionNames)('%s to 1e-14', (name) => {
    const want = functions.get(`${torchName(name)}.f64`)!
    const got = Array.from(functions.get('x')!, (value) => elementwise[name](value))
    expect(difference(got, want, true)).toBeLessThanOrEqual(1e-14)
  })

  test('softmax over rows of eight to 1e-15', () => {
    const model = { modules: [{ type: 'Linear', in_features: 8, out_features: 8, bias: false, activation: 'softmax' }] }
    const data = Float32Array.from({ length: 64 }, (_, at) => (at % 9 === 0 ? 1 : 0))
    const { graph, tensors } = createModel(
      'softmax',
      parseArchitecture(model),
      new Map([['weight', { shape: [8, 8], data }]]),
    )
    const none = new Float64Array(0)
    const x = functions.get('x')!.subarray(0, 480)
    const run = { x, batch: 60, ticks: 1, h: none, c: none, allocate: (size: number) => new Float64Array(size) }
    expect(difference(runWindows(graph, tensors, run).data, functions.get('softmax8.f64')!, false)).toBeLessThanOrEqual(
      1e-15,
    )
  })
})

function torchName(name: string): string {
  return name.replace('hard_', 'hard')
}

function isFloat32(values: Float64Array): boolean {
  return values.every((value) => Object.is(Math.fround(value), value))
}

function exchanged(from: Float64Array | Float32Array, m: number, n: number, width: number): Float64Array {
  return Float64Array.from(from, (_, at) => {
    const place = Math.floor(at / width)
    return from[((place % m) * n + Math.floor(place / m)) * width + (at % width)]!
  })
}
