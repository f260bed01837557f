import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadModel } from '../../src/index.ts'
import { architectureToJson } from '../../src/model/architecture.ts'
import { caseNames, largestDifference, readCase } from './golden-case.ts'
import { kernelNames } from './kernels.ts'

const root = join(import.meta.dirname, 'pytorch')
const names = caseNames(/^drawn-/)

describe.each(kernelNames)(
  'the %s kernel computes what PyTorch computes of a state dict and its description',
  (kernel) => {
    test.each(names.flatMap((name) => ['weights.safetensors', 'model.pt'].map((file) => [name, file] as const)))(
      '%s/%s within 2e-6',
      async (name, file) => {
        const { json, io } = readCase(name)
        const { model, forward } = await loadModel(join(root, name, file), { architecture: json['architecture'] })
        const [batch, ticks] = [Number(json['batch']), Number(json['ticks'])]
        const { output } = forward(Float32Array.from(io.get('x')!), { batch, ticks, kernel })
        expect(largestDifference(output, io.get('y.f64')!)).toBeLessThanOrEqual(2e-6)
        // What only training does stays in the architecture.
        const text = JSON.stringify(architectureToJson(model.architecture))
        for (const rate of JSON.stringify(json).match(/"dropout":[\d.]+/g)!) expect(text).toContain(rate)
      },
    )
  },
)

test('a description that says another width than the file is refused by both', async () => {
  const { json } = readCase('drawn-projected')
  const { modules } = json['architecture'] as { modules: Record<string, unknown>[] }
  const path = join(root, 'drawn-projected/model.pt')
  const changed = (at: number, change: object) => ({
    modules: modules.map((one, n) => (n === at ? { ...one, ...change } : one)),
  })
  const load = (architecture: object) => loadModel(path, { architecture })
  await expect(load(changed(4, { in_features: 3 }))).rejects.toThrow(
    /fc \(Linear\): in_features is 3, but Mish#4 gives 4/,
  )
  await expect(load(changed(4, { in_features: 6, input: 'norm' }))).rejects.toThrow(
    /"fc.weight" is \[2,4\], .* \[2,6\]/,
  )
  await expect(load(changed(4, { in_features: 4, input: 'norm' }))).rejects.toThrow(
    /in_features is 4, but norm \(LayerNorm\) gives 6/,
  )
  await expect(load(changed(4, { out_features: 3 }))).rejects.toThrow(
    /"fc.weight" is \[2,4\], the architecture says \[3,4\]/,
  )
})
