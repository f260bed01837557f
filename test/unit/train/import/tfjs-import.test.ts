import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { forward } from '../../../../src/model/recurrent.ts'
import { importTfjs } from '../../../../src/train/import/tfjs-import.ts'
import { largestDifference, readTensors } from '../../../golden/golden-case.ts'

const root = join(import.meta.dirname, '../../../golden/keras')
const names = ['k2-article', 'k2-bidirectional', 'k2-classic', 'k2-gru', 'k2-hard-sigmoid', 'k2-simple-rnn']

type Json = Record<string, unknown>
interface Weight {
  readonly name: string
  readonly shape: readonly number[]
  readonly dtype: string
  readonly quantization?: Json
}

function jsonOf(name: string): Json {
  return JSON.parse(readFileSync(join(root, name, 'tfjs/model.json'), 'utf8')) as Json
}

const shardOf = (name: string) => (path: string) => new Uint8Array(readFileSync(join(root, name, 'tfjs', path)))
const encoded = (json: Json): Uint8Array => new TextEncoder().encode(JSON.stringify(json))

/** Largest difference from what Keras computed. */
function differenceOf(name: string, json: Json, readShard: (path: string) => Uint8Array): number {
  const io = readTensors(join(root, name, 'io.safetensors'))
  const shape = JSON.parse(readFileSync(join(root, name, 'case.json'), 'utf8')) as { input_shape: [number, number] }
  const [batch, ticks] = shape.input_shape
  const model = importTfjs(encoded(json), name, readShard)
  const { output } = forward(model, Float32Array.from(io.get('x')!), { batch, ticks })
  return largestDifference(output, io.get('y.f64') ?? io.get('y0.f64')!)
}

/** The same weights as whole numbers of `bytes` bytes: scale·q + min. */
function quantised(name: string, bytes: 1 | 2): { json: Json; shard: Uint8Array } {
  const json = jsonOf(name)
  const [group] = json['weightsManifest'] as [{ paths: string[]; weights: Weight[] }]
  const floats = new Float32Array(shardOf(name)(group.paths[0]!).slice().buffer)
  const numbers: number[] = []
  let at = 0
  group.weights = group.weights.map((weight) => {
    const count = weight.shape.reduce((product, size) => product * size, 1)
    const values = floats.subarray(at, at + count)
    at += count
    const min = Math.min(...values)
    const scale = (Math.max(...values) - min) / (256 ** bytes - 1) || 1
    numbers.push(...Array.from(values, (value) => Math.round((value - min) / scale)))
    return { ...weight, quantization: { dtype: `uint${8 * bytes}`, scale, min, original_dtype: 'float32' } }
  })
  const shard = bytes === 1 ? Uint8Array.from(numbers) : new Uint8Array(Uint16Array.from(numbers).buffer)
  return { json, shard }
}

describe('a layers model of TF.js', () => {
  test.each(names)('%s computes what Keras computes, within 2e-6', (name) => {
    expect(differenceOf(name, jsonOf(name), shardOf(name))).toBeLessThanOrEqual(2e-6)
  })

  // Half a step of 1/255 (1/65535) of a weight's range goes into each of some dozens of products.
  test.each([
    [1, 2e-2],
    [2, 1e-4],
  ] as const)('quantised to %i bytes is near', (bytes, bar) => {
    const { json, shard } = quantised('k2-gru', bytes)
    const difference = differenceOf('k2-gru', json, () => shard)
    expect(difference).toBeGreaterThan(0)
    expect(difference).toBeLessThanOrEqual(bar)
  })
})

describe('is refused by name', () => {
  const json = jsonOf('k2-gru')
  const shard = shardOf('k2-gru')

  test('a graph model, with what to do', () => {
    expect(() => importTfjs(encoded({ ...json, format: 'graph-model' }), 'x', shard)).toThrow(
      /graph model.*tfjs_layers_model/,
    )
  })

  test('a shard cut in half, or too long', () => {
    const half = (path: string): Uint8Array => shard(path).slice(0, 1000)
    expect(() => importTfjs(encoded(json), 'x', half)).toThrow(/goes beyond the end of its shards/)
    const long = (path: string): Uint8Array => Uint8Array.from([...shard(path), 0])
    expect(() => importTfjs(encoded(json), 'x', long)).toThrow(/have 2017 bytes, the manifest says 2016/)
  })

  test('a model.json cut in half', () => {
    const bytes = encoded(json)
    expect(() => importTfjs(bytes.slice(0, bytes.length / 2), 'x', shard)).toThrow(/no JSON object/)
  })

  test('a shard elsewhere', () => {
    const manifest = [{ paths: ['../secret.bin'], weights: [] }]
    expect(() => importTfjs(encoded({ ...json, weightsManifest: manifest }), 'x', shard)).toThrow(/must lie beside/)
  })

  test('weights of another type', () => {
    const manifest = [{ paths: ['a.bin'], weights: [{ name: 'w', shape: [1], dtype: 'complex64' }] }]
    expect(() => importTfjs(encoded({ ...json, weightsManifest: manifest }), 'x', () => new Uint8Array(8))).toThrow(
      /weight w is complex64/,
    )
  })
})
