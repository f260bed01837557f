import { describe, expect, it } from 'vitest'
import { EventStreamParser } from '../../../../src/server/ui/event-stream.ts'

const stream =
  'retry: 2000\n\nid: 1\nevent: scores\ndata: {"a":1}\n\n: comment\r\nevent:alarm\r\ndata: x\r\ndata: y\r\n\r\n'
const events = [
  { event: 'scores', data: '{"a":1}' },
  { event: 'alarm', data: 'x\ny' },
]

describe('EventStreamParser', () => {
  it('finds the events of a stream, without comments and the retry time', () => {
    expect(new EventStreamParser().push(stream)).toEqual(events)
  })

  it('finds the same events however plain-newline text is cut', () => {
    const text = stream.replaceAll('\r', '')
    for (let size = 1; size < text.length; size++) {
      const parser = new EventStreamParser()
      const found = []
      for (let at = 0; at < text.length; at += size) found.push(...parser.push(text.slice(at, at + size)))
      expect(found).toEqual(events)
    }
  })

  it('calls an event without a name message, and waits for its empty line', () => {
    const parser = new EventStreamParser()
    expect(parser.push('data: 1\n')).toEqual([])
    expect(parser.push('\n')).toEqual([{ event: 'message', data: '1' }])
  })
})
