import { describe, expect, it } from 'vitest'
import { returnedTime, withTransition } from '../../../../src/server/ui/alarms/alarm-list.ts'
import { transition } from '../fixtures.ts'

const ids = (list: readonly { alarm: { id: string; state: string } }[]) =>
  list.map(({ alarm }) => `${alarm.id} ${alarm.state}`)

describe('withTransition', () => {
  it('puts a new alarm first and replaces the step before of the same occurrence', () => {
    const list = withTransition([transition('a', 's1')], transition('b', 's2'), true)
    expect(ids(list)).toEqual(['b unack', 'a unack'])
    expect(ids(withTransition(list, transition('a', 's1', 'rtn_unack'), true))).toEqual(['a rtn_unack', 'b unack'])
  })

  it('lets an alarm go that is over, where only active ones are listed', () => {
    const list = [transition('a', 's1')]
    expect(withTransition(list, transition('a', 's1', 'normal'), true)).toEqual([])
    expect(ids(withTransition(list, transition('a', 's1', 'normal'), false))).toEqual(['a normal'])
  })
})

describe('returnedTime', () => {
  it('is known only once the value is back', () => {
    expect(returnedTime(transition('a', 's1'))).toBeNull()
    expect(returnedTime(transition('a', 's1', 'rtn_unack'))).toBe(1_700_000_000_000)
  })
})
