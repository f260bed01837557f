import { expect, test } from 'vitest'
import { Partitions } from '../../../../src/adapters/kafka/partitions.ts'

test('assign() reads on at the stored position, and leaves unknown partitions to the group', () => {
  const partitions = new Partitions({ 't:0': '17' })
  expect(partitions.assign({ t: [0, 1] })).toEqual({
    lost: [],
    seeks: [{ topic: 't', partition: 0, offset: '17' }],
  })
})

test('a partition that stays ours goes on behind what was delivered, not behind what was acknowledged', () => {
  const partitions = new Partitions({})
  partitions.assign({ t: [0] })
  const partition = partitions.find('t', 0)!
  partition.delivered = '40'
  partitions.acknowledge(partition, '20')
  expect(partitions.assign({ t: [0] }).seeks).toEqual([{ topic: 't', partition: 0, offset: '40' }])
})

test('a partition that is lost is forgotten: the group decides where it goes on, and late acknowledgements count for nothing', () => {
  const partitions = new Partitions({ 't:0': '3' })
  partitions.assign({ t: [0, 1] })
  const lost = partitions.find('t', 0)!
  expect(partitions.assign({ t: [1] }).lost).toEqual(['t:0'])
  expect(partitions.acknowledge(lost, '9')).toBe(false)
  expect(partitions.assign({ t: [0, 1] }).seeks).toEqual([])
  expect(partitions.acknowledge(lost, '9')).toBe(false)
  expect(partitions.uncommitted()).toEqual([])
})

test('uncommitted() names only what the group does not hold', () => {
  const partitions = new Partitions({})
  partitions.assign({ t: [0, 1] })
  partitions.acknowledge(partitions.find('t', 0)!, '5')
  expect(partitions.uncommitted()).toEqual([{ topic: 't', partition: 0, offset: '5' }])
  partitions.committed([{ topic: 't', partition: 0, offset: '5' }])
  expect(partitions.uncommitted()).toEqual([])
  partitions.acknowledge(partitions.find('t', 0)!, '6')
  expect(partitions.uncommitted()).toEqual([{ topic: 't', partition: 0, offset: '6' }])
})

test('lag() sums what is left in the partitions that are ours', () => {
  const partitions = new Partitions({})
  partitions.assign({ t: [0, 1] })
  partitions.find('t', 0)!.lag = 7
  partitions.find('t', 1)!.lag = 5
  expect(partitions.lag()).toBe(12)
  partitions.assign({ t: [1] })
  expect(partitions.lag()).toBe(5)
})

test('begin() says where to read and to commit where nobody holds a position; a stored one wins over it', () => {
  const partitions = new Partitions({ 't:0': '3' })
  partitions.begin({ 't:0': '8', 't:1': '9' })
  expect(partitions.assign({ t: [0, 1] }).seeks).toEqual([
    { topic: 't', partition: 0, offset: '3' },
    { topic: 't', partition: 1, offset: '9' },
  ])
  // The group is told of both: of a stored one, because the last run may have died before it could.
  expect(partitions.uncommitted()).toEqual([
    { topic: 't', partition: 0, offset: '3' },
    { topic: 't', partition: 1, offset: '9' },
  ])
})
