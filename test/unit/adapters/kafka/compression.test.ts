import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { type BatchCodec, lz4Codec, snappyCodec, zstdCodec } from '../../../../src/adapters/kafka/compression.ts'

const codecs: Readonly<Record<string, BatchCodec>> = { snappy: snappyCodec, lz4: lz4Codec, zstd: zstdCodec }

/** 900 readings in one batch, as the console producer of Kafka 4.1.1 compressed them. */
const written = Array.from({ length: 900 }, (_, i) =>
  JSON.stringify({ sensor: `s${i % 7}`, ts: 1_700_000_000_000 + i, value: i / 8 }),
)

function noise(length: number): Buffer {
  let seed = 1
  return Buffer.from(
    Array.from({ length }, () => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0
      return seed >>> 24
    }),
  )
}

for (const [name, codec] of Object.entries(codecs)) {
  describe(name, () => {
    test('a batch that Java wrote is read', async () => {
      const batch = await codec.decompress(readFileSync(new URL(`java-${name}.bin`, import.meta.url)))
      expect(batch.toString('latin1').match(/\{"sensor".*?\}/g)).toEqual(written)
    })

    test('what is written is read again, whatever its size and however random', async () => {
      for (const size of [0, 1, 12, 13, 500, 32 * 1024, 64 * 1024, 64 * 1024 + 1, 300_000]) {
        const text = Buffer.from('{"sensor":"s1","value":1}'.repeat(Math.ceil(size / 25))).subarray(0, size)
        for (const batch of [text, noise(size)]) {
          expect((await codec.decompress(await codec.compress(batch))).equals(batch)).toBe(true)
        }
      }
    })
  })
}

test('snappy without the framing, as librdkafka writes it, is read', async () => {
  const bare = Buffer.from([5, 4 << 2, ...Buffer.from('hello')])
  expect((await snappyCodec.decompress(bare)).toString()).toBe('hello')
})

test('lz4 declares its blocks independent, as Java demands', async () => {
  const frame = await lz4Codec.compress(Buffer.from('hello'))
  expect(frame.subarray(0, 7).toString('hex')).toBe('04224d18604082')
})
