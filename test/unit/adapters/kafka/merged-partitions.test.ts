import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MergedPartitions } from '../../../../src/adapters/kafka/merged-partitions.ts'

function message(offset: number, timestamp: number) {
  return { offset: String(offset), timestamp: String(timestamp), key: null, value: null, attributes: 0 } as never
}

const place = ({ topic, message: { offset } }: { topic: string; message: { offset: string } }) => `${topic}:${offset}`

test('gives nothing before every partition has something or has ended', () => {
  const merged = new MergedPartitions([
    { topic: 'a', partition: 0, low: 0n, high: 2n },
    { topic: 'b', partition: 0, low: 5n, high: 6n },
  ])
  expect(merged.total).toBe(3)
  merged.put('a', 0, [message(0, 20), message(1, 10)])
  expect(merged.take(9)).toEqual([])
  merged.put('b', 0, [message(5, 15), message(6, 1)])
  // The partition's own order stays, and what came after the start is left out.
  expect(merged.take(9).map(place)).toEqual(['b:5', 'a:0', 'a:1'])
  expect([merged.isDone, merged.taken]).toEqual([true, 3])
})

test('offsets without a message end a partition, too', () => {
  const merged = new MergedPartitions([{ topic: 'a', partition: 3, low: 0n, high: 4n }])
  merged.put('a', 3, [message(1, 5)])
  expect(merged.hasEnded('a', 3)).toBe(false)
  merged.passed('a', 3, 9n)
  expect([merged.hasEnded('a', 3), merged.waiting('a', 3)]).toEqual([true, 1])
  expect(merged.take(1).map(place)).toEqual(['a:1'])
  expect(merged.isDone).toBe(true)
})

test('the sequence does not depend on when and in which parts messages come', () => {
  const times = fc.array(fc.array(fc.nat(20), { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 })
  fc.assert(
    fc.property(times, fc.array(fc.nat(100), { maxLength: 80 }), (partitions, choices) => {
      const ranges = partitions.map((list, partition) => ({
        topic: 't',
        partition,
        low: 0n,
        high: BigInt(list.length),
      }))
      const all = partitions.map((list) => list.map((timeMs, offset) => message(offset, timeMs)))
      const once = new MergedPartitions(ranges)
      for (const [partition, list] of all.entries()) once.put('t', partition, list)
      const expected = once.take(1_000)
      const bitwise = new MergedPartitions(ranges)
      const found: unknown[] = []
      const at = all.map(() => 0)
      const feed = (partition: number, count: number) => {
        bitwise.put('t', partition, all[partition]!.slice(at[partition], at[partition]! + count))
        at[partition]! += count
        found.push(...bitwise.take(3))
      }
      for (const choice of choices) feed(choice % all.length, 1 + (choice % 3))
      for (const [partition] of all.entries()) feed(partition, 100)
      found.push(...bitwise.take(1_000))
      expect(found).toEqual(expected)
      expect(bitwise.isDone).toBe(true)
    }),
  )
})
