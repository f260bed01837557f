import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { OperatingError } from '../../../../src/base/errors.ts'
import { createPrng } from '../../../../src/base/prng.ts'
import { importKeras } from '../../../../src/train/import/keras-import.ts'
import { importOnnx } from '../../../../src/train/import/onnx-import.ts'

const golden = join(import.meta.dirname, '../../../golden')
const files = [
  { file: 'keras/gru-reset-after-true/model.keras', read: importKeras },
  { file: 'keras/k2-gru/model.h5', read: importKeras },
  { file: 'onnx/small-gru/model.onnx', read: importOnnx },
]

/** What came of it: a model, or the refusal; anything else is thrown on. */
function outcome(read: (bytes: Uint8Array, name: string) => unknown, bytes: Uint8Array): 'model' | 'refused' {
  try {
    read(bytes, 'damaged')
    return 'model'
  } catch (error) {
    if (error instanceof OperatingError && error.code === 'model') return 'refused'
    throw error
  }
}

test('an HDF5 file of which only the end is missing is called cut, with both lengths', () => {
  for (const name of ['k2-gru', 'many-to-many', 'bidirectional-lstm']) {
    const whole = new Uint8Array(readFileSync(join(golden, `keras/${name}/model.h5`)))
    for (const missing of [1, 8, 200]) {
      const expected = `it is cut: ${whole.length - missing} of its ${whole.length} bytes are there`
      expect(() => importKeras(whole.slice(0, -missing), name)).toThrow(expected)
    }
  }
})

describe.each(files)('$file', ({ file, read }) => {
  const whole = new Uint8Array(readFileSync(join(golden, file)))

  test('is read from the middle of a larger buffer', () => {
    const pool = Buffer.alloc(whole.length + 100, 7)
    pool.set(whole, 50)
    expect(outcome(read, pool.subarray(50, 50 + whole.length))).toBe('model')
  })

  test('cut short anywhere it is refused, unless only what holds nothing is missing', () => {
    const { fingerprint } = read(whole, 'damaged')
    let refused = 0
    for (let part = 0; part < 60; part++) {
      const bytes = whole.slice(0, Math.floor((whole.length * part) / 60))
      if (outcome(read, bytes) === 'refused') refused += 1
      else expect(read(bytes, 'damaged').fingerprint).toBe(fingerprint)
    }
    expect(refused).toBeGreaterThan(50)
  })

  test('with bytes changed anywhere it is read or refused, never a crash', () => {
    const random = createPrng(20261126)
    for (let round = 0; round < 150; round++) {
      const bytes = whole.slice()
      for (let change = 0; change < 1 + (round % 8); change++) bytes[random.integer(bytes.length)] = random.integer(256)
      outcome(read, bytes)
    }
  })
})
