import { describe, expect, it } from 'vitest'
import { OperatingError } from '../../../src/base/errors.ts'
import { silentLog } from '../../../src/ports/log.ts'
import { AlarmLane } from '../../../src/runtime/alarm-lane.ts'
import { MemoryJournal } from '../../../src/state/memory-journal.ts'
import { down, FakeSink, fakeMetrics, transition, until } from './fakes.ts'

describe('AlarmLane', () => {
  it('delivers every transition in order once the receiver is back', async () => {
    const journal = new MemoryJournal()
    const sink = new FakeSink('hook')
    const lane = new AlarmLane(sink, journal, fakeMetrics(), silentLog)
    await lane.start()
    sink.failure = down()
    await journal.append([transition('1'), transition('2')])
    lane.wake()
    await until(() => sink.attempts > 1, 'it was tried again')
    await journal.append([transition('3')])
    sink.failure = undefined
    lane.wake()
    await lane.drained()
    expect(sink.transitions.map((entry) => entry.transitionId)).toEqual(['1', '2', '3'])
    await lane.stop()
  })

  it('starts behind its own cursor and does not repeat what was taken', async () => {
    const journal = new MemoryJournal()
    const first = new FakeSink('hook')
    const lane = new AlarmLane(first, journal, fakeMetrics(), silentLog)
    await lane.start()
    await journal.append([transition('1')])
    lane.wake()
    await lane.drained()
    await lane.stop()
    await journal.append([transition('2')])
    const second = new FakeSink('hook')
    const again = new AlarmLane(second, journal, fakeMetrics(), silentLog)
    await again.start()
    await again.drained()
    expect(second.transitions.map((entry) => entry.transitionId)).toEqual(['2'])
    await again.stop()
  })

  it('passes over the one transition that the receiver refuses for good', async () => {
    const journal = new MemoryJournal()
    const sink = new FakeSink('hook')
    const metrics = fakeMetrics()
    const write = sink.writeAlarms.bind(sink)
    sink.writeAlarms = async (transitions) => {
      if (transitions.some((entry) => entry.transitionId === '2')) throw new OperatingError('rejected', 'bad label')
      await write(transitions)
    }
    const lane = new AlarmLane(sink, journal, metrics, silentLog)
    await lane.start()
    await journal.append([transition('1'), transition('2'), transition('3')])
    lane.wake()
    await lane.drained()
    expect(sink.transitions.map((entry) => entry.transitionId)).toEqual(['1', '3'])
    await lane.stop()
  })
})
