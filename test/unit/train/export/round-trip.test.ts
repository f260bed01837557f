import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadModel } from '../../../../src/index.ts'
import { architectureToJson, parseArchitecture } from '../../../../src/model/architecture.ts'
import type { Model } from '../../../../src/model/model.ts'
import { forward } from '../../../../src/model/recurrent.ts'
import { exportModel } from '../../../../src/train/export/export-model.ts'
import { importOnnx } from '../../../../src/train/import/onnx-import.ts'
import { importSafetensors } from '../../../../src/train/import/safetensors-import.ts'
import { importTfjs } from '../../../../src/train/import/tfjs-import.ts'
import { largestDifference, readTensors } from '../../../golden/golden-case.ts'
import { difference, type GoldenRun, goldenRuns } from '../../../golden/golden-run.ts'

/** Initial states and extreme numbers belong to the kernels' own tests. */
const runs = goldenRuns.filter(({ state, extreme, want }) => state === undefined && !extreme && want.output)

function throughOnnx(model: Model): Model {
  return importOnnx(exportModel(model, 'onnx').get('model.onnx')!, model.name)
}

function throughTfjs(model: Model): Model {
  const files = exportModel(model, 'tfjs')
  return importTfjs(files.get('model.json')!, model.name, (path) => files.get(path)!)
}

function throughSafetensors(model: Model): Model {
  const files = exportModel(model, 'safetensors')
  const architecture = JSON.parse(new TextDecoder().decode(files.get('architecture.json')!)) as unknown
  return importSafetensors(files.get('weights.safetensors')!, model.name, parseArchitecture(architecture))
}

function differenceOf(model: Model, { x, batch, ticks, batchFirst, want, relative }: GoldenRun): number {
  const { output } = forward(model, Float32Array.from(x), { batch, ticks, batchFirst })
  return difference(output, want.output!, relative)
}

/** The refusal's words, or null. */
function refusalOf(convert: () => unknown): string | null {
  try {
    convert()
    return null
  } catch (error) {
    expect(error).toMatchObject({ code: 'model' })
    return (error as Error).message
  }
}

describe("PyTorch's numbers after a round trip", () => {
  test.each(runs)('safetensors: $label', (run) => {
    expect(throughSafetensors(run.model).fingerprint).toBe(run.model.fingerprint)
  })

  test('ONNX: every case but projections', () => {
    const refused = new Map<string, string>()
    for (const run of runs) {
      const refusal = refusalOf(() => throughOnnx(run.model))
      if (refusal !== null) refused.set(run.label, refusal)
      // Half precision has rounded the weights before; norms are folded, which rounds once more.
      else expect(differenceOf(throughOnnx(run.model), run), run.label).toBeLessThanOrEqual(run.bar)
    }
    for (const words of refused.values())
      expect(words).toMatch(/a projected LSTM \(proj_size\); .* export to safetensors/)
    expect([...refused.keys()].filter((label) => !/proj/.test(label))).toEqual([])
  })

  test('TF.js: every RNN and LSTM; a GRU of PyTorch is refused by its convention', () => {
    let converted = 0
    for (const run of runs) {
      const refusal = refusalOf(() => throughTfjs(run.model))
      if (refusal === null) {
        converted += 1
        expect(differenceOf(throughTfjs(run.model), run), run.label).toBeLessThanOrEqual(run.bar)
      } else if (/gru/.test(run.label)) expect(refusal).toMatch(/reset_after .*reset_before only|attention/)
      else expect(refusal).toMatch(/proj_size|attention|Gaussian|no activation|last tick of both directions/)
    }
    expect(converted).toBeGreaterThan(40)
  })
})

const keras = join(import.meta.dirname, '../../../golden/keras')
const kerasNames = readdirSync(keras).filter((name) => !/README|masking|return-state|stateful/.test(name))

describe("Keras' numbers after a round trip", () => {
  test.each(kerasNames)('%s', async (name) => {
    const { model } = await loadModel(join(keras, name, 'model.h5')).catch(() =>
      loadModel(join(keras, name, 'model.keras')),
    )
    const io = readTensors(join(keras, name, 'io.safetensors'))
    const shape = JSON.parse(readFileSync(join(keras, name, 'case.json'), 'utf8')) as { input_shape: [number, number] }
    const [batch, ticks] = shape.input_shape
    const want = io.get('y.f64') ?? io.get('y0.f64')!
    const outcomes = [throughOnnx, throughTfjs].map((convert) => {
      const refusal = refusalOf(() => convert(model))
      if (refusal !== null) return refusal
      const { output } = forward(convert(model), Float32Array.from(io.get('x')!), { batch, ticks })
      expect(largestDifference(output, want)).toBeLessThanOrEqual(2e-6)
      return null
    })
    const [onnx, tfjs] = outcomes
    // Its cell has an activation that ONNX' operators do not name.
    if (name === 'drawn-backwards')
      expect(onnx).toMatch(/gru \(GRU\): a cell with the activation elu; ONNX' operators have/)
    else expect(onnx).toBeNull()
    if (tfjs !== null)
      expect(tfjs).toMatch(
        /the convention reset_after .*export to ONNX|TF\.js has no (activation hard_sigmoid|layer for this)/,
      )
    if (
      !/gru|hard-sigmoid|norm|go-backwards|compiled|k2-bidirectional|attention|mha|drawn-(directions|backwards)/.test(
        name,
      )
    )
      expect(tfjs).toBeNull()
  })
})

test('the architecture beside the weights is what PyTorch would be built from', () => {
  const { model } = runs.find(({ label }) => label.startsWith('article-lstm'))!
  const text = new TextDecoder().decode(exportModel(model, 'safetensors').get('architecture.json')!)
  expect(JSON.parse(text)).toEqual(architectureToJson(model.architecture))
})
