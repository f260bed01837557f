import { describe, expect, it } from 'vitest'
import { isActive, returnedTime, shortMessage, withTransition } from '../../../../src/server/ui/alarms/alarm-list.ts'
import { transition } from '../fixtures.ts'

const ids = (list: readonly { alarm: { id: string; state: string } }[]) =>
  list.map(({ alarm }) => `${alarm.id} ${alarm.state}`)

describe('withTransition', () => {
  it('puts what changed first, and replaces the step before of the same occurrence', () => {
    const list = withTransition([transition('a', 's1')], transition('b', 's2'))
    expect(ids(list)).toEqual(['b unack', 'a unack'])
    expect(ids(withTransition(list, transition('a', 's1', 'rtn_unack')))).toEqual(['a rtn_unack', 'b unack'])
  })
})

describe('isActive', () => {
  it('is true as long as the cause is there', () => {
    const states = ['unack', 'ack', 'rtn_unack', 'normal'] as const
    expect(states.map((state) => isActive(transition('a', 's1', state)))).toEqual([true, true, false, false])
  })
})

describe('shortMessage', () => {
  it('leaves out value, expected value and band, and nothing of other messages', () => {
    const long = 'level 56.59 %, expected 57.09 (56.49 … 57.68): below expectation'
    expect(shortMessage(long)).toBe('below expectation')
    for (const message of [
      'temperature: quiet since, the alarm is over',
      'no data for 12 min (usually 1 s): check',
      '',
    ]) {
      expect(shortMessage(message)).toBe(message)
    }
  })
})

describe('returnedTime', () => {
  it('is known only once the value is back', () => {
    expect(returnedTime(transition('a', 's1'))).toBeNull()
    expect(returnedTime(transition('a', 's1', 'rtn_unack'))).toBe(1_700_000_000_000)
  })
})
