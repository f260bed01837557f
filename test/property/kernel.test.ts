import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createPrng, type Prng } from '../../src/base/prng.ts'
import { inputWidth } from '../../src/model/graph.ts'
import type { Model } from '../../src/model/model.ts'
import { openStream, type Stream } from '../../src/model/recurrent.ts'
import { architectures, modelOf } from './architectures.ts'

/** Of max(1, |y|): what one step, and 64 of them, may differ from the reference kernel by. */
const stepBar = 2e-6
const runBar = 1e-5

/**
 * The bars are tried on fixed draws: about one architecture in 10,000 misses them by a tenth, where a layer norm divides by the
 * deviation of states near zero and so multiplies their rounding. What is exact, below, is tried on new draws every time.
 */
const fixed = { seed: 20261125 }

const seeds = fc.integer({ min: 1, max: 1_000_000 })

const missing = [Number.NaN, Infinity, -Infinity]

/** Inputs of `rows` rows, a tenth of them missing, and of every twentieth row all; now and then one is subnormal. */
function inputsOf(random: Prng, rows: number, inputs: number): Float32Array {
  const x = new Float32Array(rows * inputs)
  for (let row = 0; row < rows; row++) {
    const none = random.uniform() < 0.05
    for (let i = 0; i < inputs; i++) {
      const isMissing = none || random.uniform() < 0.1
      const value = random.uniform() < 0.02 ? 1e-40 : random.normal()
      x[row * inputs + i] = isMissing ? missing[random.integer(3)]! : value
    }
  }
  return x
}

/** The largest difference, each relative to max(1, |want|). */
function difference(got: Float32Array, want: Float32Array): number {
  expect(got.length).toBe(want.length)
  let largest = 0
  for (const [at, value] of want.entries()) {
    const relative = Math.abs(got[at]! - value) / Math.max(1, Math.abs(value))
    if (!(relative <= largest)) largest = Number.isNaN(relative) ? Infinity : relative
  }
  return largest
}

/** 0 … count − 1 in some order. */
function shuffled(random: Prng, count: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, at) => at)
  for (let at = count - 1; at > 0; at--) {
    const other = random.integer(at + 1)
    ;[order[at], order[other]] = [order[other]!, order[at]!]
  }
  return order
}

type Numbers = Float32Array | Uint8Array

/** Whether two arrays have the same bytes; `toEqual` takes −0 for 0 here and there, and much longer. */
function sameBits(a: Numbers, b: Numbers): boolean {
  const bytes = (n: Numbers): Uint8Array => new Uint8Array(n.buffer, n.byteOffset, n.byteLength)
  return Buffer.compare(bytes(a), bytes(b)) === 0
}

const allFinite = (values: Float32Array): boolean => values.every(Number.isFinite)

const rows = Int32Array.of(3, 0, 2)

describe('on any architecture, the WASM kernel', () => {
  test('does each step as the reference kernel does it from the same state', () => {
    fc.assert(
      fc.property(architectures, seeds, (drawn, seed) => {
        const model = modelOf(drawn)
        const [wasm, reference] = [
          openStream(model, { slots: 4 }),
          openStream(model, { slots: 4, kernel: 'reference' }),
        ]
        const random = createPrng(seed)
        for (let tick = 0; tick < 20; tick++) {
          const x = inputsOf(random, 3, inputWidth(model.graph))
          wasm.setHidden(rows, reference.hidden(rows))
          const want = reference.step(rows, x)
          expect(difference(wasm.step(rows, x), want)).toBeLessThanOrEqual(stepBar)
          expect(difference(wasm.hidden(rows).h, reference.hidden(rows).h)).toBeLessThanOrEqual(stepBar)
        }
      }),
      { ...fixed, numRuns: 300 },
    )
  })

  test('stays with the reference kernel over 64 steps', () => {
    fc.assert(
      fc.property(architectures, seeds, (drawn, seed) => {
        const model = modelOf(drawn)
        const [wasm, reference] = [
          openStream(model, { slots: 4 }),
          openStream(model, { slots: 4, kernel: 'reference' }),
        ]
        const random = createPrng(seed)
        for (let tick = 0; tick < 64; tick++) {
          const x = inputsOf(random, 3, inputWidth(model.graph))
          expect(difference(wasm.step(rows, x), reference.step(rows, x))).toBeLessThanOrEqual(runBar)
        }
      }),
      { ...fixed, numRuns: 120 },
    )
  })
})

/** Steps rows `order` (places in a batch of `map.length` rows) through a stream, in pieces; the outputs come in the batch's order. */
function stepInPieces(stream: Stream, map: Int32Array, order: Int32Array, x: Float32Array, random: Prng): Float32Array {
  const count = order.length
  const inputs = x.length / count
  let y = new Float32Array(0)
  for (let from = 0; from < count; ) {
    const part = order.subarray(from, from + 1 + random.integer(count - from))
    const xs = Float32Array.from({ length: part.length * inputs }, (_, at) => {
      return x[part[Math.floor(at / inputs)]! * inputs + (at % inputs)]!
    })
    const ys = stream.step(
      part.map((place) => map[place]!),
      xs,
    )
    const outputs = ys.length / part.length
    if (y.length === 0) y = new Float32Array(count * outputs)
    for (const [at, place] of part.entries()) y.set(ys.subarray(at * outputs, (at + 1) * outputs), place * outputs)
    from += part.length
  }
  return y
}

/** The same rows of another stream, of another size, at other slots. */
function movedTo(model: Model, slots: number, from: Stream, map: Int32Array, to: Int32Array): Stream {
  const stream = openStream(model, { slots })
  for (const [place, slot] of to.entries()) stream.restore(slot, from.snapshot(map[place]!))
  return stream
}

/** Bytes that no step wrote: what a row of the arena holds that no batch names. */
function mark(stream: Stream, row: number): Uint8Array {
  const bytes = stream.snapshot(row)
  new Float32Array(bytes.buffer).fill(row / 128)
  stream.restore(row, bytes)
  return bytes
}

describe('the bits of a row', () => {
  test('are the same for any batches, order, slots and size of the stream, and after a restore; other rows are not touched', () => {
    fc.assert(
      fc.property(architectures, fc.integer({ min: 1, max: 70 }), seeds, (drawn, count, seed) => {
        const model = modelOf(drawn)
        const random = createPrng(seed)
        const slots = shuffled(random, 80)
        const map = slots.slice(0, count)
        const together = openStream(model, { slots: 80 })
        const marked = [...slots.subarray(count)].map((row) => ({ row, bytes: mark(together, row) }))
        let there = map
        let pieces = openStream(model, { slots: 80 })
        for (let tick = 0; tick < 6; tick++) {
          if (tick === 3) {
            const other = shuffled(random, count + 37).slice(0, count)
            pieces = movedTo(model, count + 37, pieces, there, other)
            there = other
          }
          const x = inputsOf(random, count, inputWidth(model.graph))
          const y = together.step(map, x)
          expect(sameBits(stepInPieces(pieces, there, shuffled(random, count), x, random), y)).toBe(true)
        }
        for (const [place, row] of map.entries())
          expect(sameBits(pieces.snapshot(there[place]!), together.snapshot(row))).toBe(true)
        for (const { row, bytes } of marked) expect(sameBits(together.snapshot(row), bytes)).toBe(true)
      }),
      { numRuns: 100 },
    )
  })

  test('are the same in a batch of every size from 1 to 70', () => {
    const model = modelOf({ modules: [{ type: 'LSTM', input_size: 3, hidden_size: 9 }], seed: 3, scale: 0.3 })
    const x = inputsOf(createPrng(8), 70, 3)
    const alone = openStream(model, { slots: 70 })
    const want = Array.from({ length: 70 }, (_, row) =>
      alone.step(Int32Array.of(row), x.subarray(row * 3, row * 3 + 3)),
    )
    for (let count = 1; count <= 70; count++) {
      const stream = openStream(model, { slots: 70 })
      const y = stream.step(
        Int32Array.from({ length: count }, (_, at) => at),
        x.subarray(0, count * 3),
      )
      for (let row = 0; row < count; row++) expect(sameBits(y.subarray(row * 9, row * 9 + 9), want[row]!)).toBe(true)
    }
  })

  test('are the same where a batch is larger than the room for batches', () => {
    const model = modelOf({ modules: [{ type: 'GRU', input_size: 1, hidden_size: 3 }], seed: 4, scale: 0.5 })
    const count = 40_000
    const [whole, halves] = [openStream(model, { slots: count }), openStream(model, { slots: count })]
    const all = shuffled(createPrng(5), count)
    const x = Float32Array.from(all, (_, at) => (at % 1_000) / 500 - 1)
    const y = whole.step(all, x)
    const cut = 16_383
    expect(sameBits(halves.step(all.subarray(cut), x.subarray(cut)), y.subarray(cut * 3))).toBe(true)
    expect(sameBits(halves.step(all.subarray(0, cut), x.subarray(0, cut)), y.subarray(0, cut * 3))).toBe(true)
    for (const row of [0, 1, 16_384, 39_999]) expect(sameBits(halves.snapshot(row), whole.snapshot(row))).toBe(true)
  })
})

const poisons = [Number.NaN, Infinity, -Infinity, 1e30, -1e30, 3e38, -3e38, 1e-40, -1e-45, 0, -0]

describe('poison', () => {
  test('in some rows leaves the bits of the others alone, and every state and output finite', () => {
    fc.assert(
      fc.property(architectures, fc.integer({ min: 2, max: 40 }), seeds, (drawn, count, seed) => {
        const model = modelOf(drawn)
        const random = createPrng(seed)
        const [clean, hurt] = [openStream(model, { slots: count }), openStream(model, { slots: count })]
        const all = shuffled(random, count)
        const isHurt = all.map(() => (random.uniform() < 0.3 ? 1 : 0))
        const inputs = inputWidth(model.graph)
        for (let tick = 0; tick < 12; tick++) {
          const x = inputsOf(random, count, inputs)
          const want = clean.step(all, x)
          for (const [place, value] of isHurt.entries()) {
            if (value === 0 || tick < 2) continue
            for (let i = 0; i < inputs; i++) x[place * inputs + i] = poisons[random.integer(poisons.length)]!
          }
          const got = hurt.step(all, x)
          const outputs = got.length / count
          expect(allFinite(got)).toBe(true)
          for (const [place, row] of all.entries()) {
            const state = hurt.snapshot(row)
            expect(allFinite(new Float32Array(state.buffer))).toBe(true)
            if (isHurt[place] === 1) continue
            const [from, to] = [place * outputs, (place + 1) * outputs]
            expect(sameBits(got.subarray(from, to), want.subarray(from, to))).toBe(true)
            expect(sameBits(state, clean.snapshot(row))).toBe(true)
          }
        }
      }),
      { numRuns: 100 },
    )
  })
})
