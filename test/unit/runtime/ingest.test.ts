import { expect, it } from 'vitest'
import { createDecoder } from '../../../src/codec/decoder.ts'
import type { Decoder } from '../../../src/domain/record.ts'
import { SensorCatalog } from '../../../src/domain/sensor.ts'
import type { Delivery } from '../../../src/ports/source.ts'
import { Ingest } from '../../../src/runtime/ingest.ts'
import { FakeSource } from './fakes.ts'

function lettersOf(decoder: Decoder, text: string): string[] {
  const ingest = new Ingest(new SensorCatalog(10), () => ingest.frame.clear())
  const delivery: Delivery = {
    records: [{ bytes: Buffer.from(text), topic: 't', key: null, arrivalMs: 0 }],
    positions: {},
    acknowledge: () => undefined,
  }
  const source = Object.assign(new FakeSource('in'), { decoder })
  return ingest.decode(source, 0, delivery).letters.map((letter) => Buffer.from(letter.bytes).toString())
}

it('keeps the whole message when its header tells that none of it can be read', () => {
  const text = 'a,b,c,c\n1,2,3,4\n5,6,7,8\n'
  expect(lettersOf(createDecoder({ type: 'csv', timeUnit: 'ms' }), text)).toEqual([text])
})

it('keeps each line that cannot be read, alone', () => {
  const decoder = createDecoder({ type: 'line-protocol', precision: 'ns' })
  expect(lettersOf(decoder, 'm value=1\nbad one\nm value=2\nbad two')).toEqual(['bad one', 'bad two'])
})

it('keeps a message of many lines once, however many refusals name no part of it', () => {
  const decoder: Decoder = {
    decode(_record, out) {
      out.reject('malformed', 'first', 1)
      out.reject('malformed', 'second', 2)
    },
  }
  expect(lettersOf(decoder, 'one\ntwo')).toEqual(['one\ntwo'])
})
