import { expect, test } from 'vitest'
import { HeldMessages } from '../../../../src/adapters/mqtt/held-messages.ts'

const bytes = (text: string) => Buffer.from(text)

function answers(held: HeldMessages): number[] {
  const ids: number[] = []
  held.answer(({ messageId }) => ids.push(messageId))
  return ids
}

test('answers go out in the order of receipt, up to the first message that is not done', () => {
  const held = new HeldMessages()
  const [first, second, third] = [1, 2, 3].map((id) => held.receive(id, 1, 't', bytes(`m${id}`), false).message)
  third!.done = true
  second!.done = true
  expect(answers(held)).toEqual([])
  first!.done = true
  expect(answers(held)).toEqual([1, 2, 3])
  expect(held.unanswered).toBe(0)
})

test('QoS 1 and QoS 2 do not wait for each other', () => {
  const held = new HeldMessages()
  held.receive(1, 1, 't', bytes('a'), false)
  const two = held.receive(2, 2, 't', bytes('b'), false).message
  two.done = true
  expect(answers(held)).toEqual([2])
})

test('after a reconnect nothing is answered until the broker brings it up again, and nothing is taken twice', () => {
  const held = new HeldMessages()
  const first = held.receive(7, 1, 't', bytes('a'), false).message
  held.disconnected()
  first.done = true
  expect(answers(held)).toEqual([])
  expect(held.receive(7, 1, 't', bytes('a'), true)).toEqual({ message: first, repeated: true })
  expect(answers(held)).toEqual([7])
})

test('an id that the broker gave to another message is a new message', () => {
  const held = new HeldMessages()
  const old = held.receive(7, 1, 't', bytes('a'), false).message
  held.disconnected()
  expect(held.receive(7, 1, 't', bytes('b'), false).repeated).toBe(false)
  old.done = true
  expect(answers(held)).toEqual([])
  expect(held.receive(8, 1, 't', bytes('c'), true).repeated).toBe(false)
})

test('a repeat that differs in topic or content is taken', () => {
  const held = new HeldMessages()
  held.receive(7, 1, 't', bytes('a'), false)
  held.disconnected()
  expect(held.receive(7, 1, 'u', bytes('a'), true).repeated).toBe(false)
  expect(held.receive(7, 1, 'u', bytes('b'), true).repeated).toBe(false)
})

test('QoS 2 stays known until PUBREL, so that a lost PUBREC does not deliver twice', () => {
  const held = new HeldMessages()
  held.receive(9, 2, 't', bytes('a'), false).message.done = true
  expect(answers(held)).toEqual([9])
  held.disconnected()
  expect(held.receive(9, 2, 't', bytes('a'), true).repeated).toBe(true)
  expect(answers(held)).toEqual([9])
  held.release(9)
  expect(held.receive(9, 2, 't', bytes('a'), false).repeated).toBe(false)
})

test('QoS 1 is forgotten with its answer: the same id and content again is a new message', () => {
  const held = new HeldMessages()
  held.receive(9, 1, 't', bytes('a'), false).message.done = true
  expect(answers(held)).toEqual([9])
  expect(held.receive(9, 1, 't', bytes('a'), false).repeated).toBe(false)
})

test('a lost session frees every id', () => {
  const held = new HeldMessages()
  const { message } = held.receive(9, 2, 't', bytes('a'), false)
  held.sessionLost()
  message.done = true
  expect(answers(held)).toEqual([])
  expect(held.receive(9, 2, 't', bytes('a'), true).repeated).toBe(false)
})

test('many messages are answered once each', () => {
  const held = new HeldMessages()
  const sent: number[] = []
  for (let id = 1; id <= 5_000; id++) held.receive(id, 1, 't', bytes('a'), false).message.done = true
  held.answer(({ messageId }) => sent.push(messageId))
  expect(sent).toEqual(Array.from({ length: 5_000 }, (_, index) => index + 1))
  expect(held.unanswered).toBe(0)
})
