import { describe, expect, it } from 'vitest'
import { groupByAsset, inOrderOf } from '../../../../src/server/ui/overview/grouping.ts'
import { sensor } from '../fixtures.ts'

const all = { search: '', state: null }
const sensors = [
  sensor('p10/a', { asset: 'p10' }),
  sensor('p2/a', { asset: 'p2' }),
  sensor('p2/b', { asset: 'p2', state: 'silent' }),
  sensor('free'),
  sensor('q/1', { asset: 'q', labels: { area: 'Hall A' } }),
  sensor('q/2', { asset: 'q', state: 'anomaly', labels: { area: 'Hall A' } }),
]

describe('groupByAsset', () => {
  it('puts the worst asset first, names in natural order, and sensors without an asset last among equals', () => {
    expect(groupByAsset(sensors, all).map((group) => group.asset)).toEqual(['q', 'p2', 'p10', null])
  })

  it('puts the worst sensor of an asset first and counts states', () => {
    const [q, p2] = groupByAsset(sensors, all)
    expect(q).toEqual({
      asset: 'q',
      worst: 'anomaly',
      counts: { anomaly: 1, normal: 1 },
      total: 2,
      ids: ['q/2', 'q/1'],
    })
    expect(p2?.ids).toEqual(['p2/b', 'p2/a'])
  })

  it('does not depend on scores and values, so that cards do not move with readings', () => {
    const noisy = sensors.map((one, index) => ({ ...one, score: index / 10, value: -index }))
    expect(groupByAsset(noisy, all)).toEqual(groupByAsset(sensors, all))
  })

  it('filters by state, and by words in id, asset or label', () => {
    const [silent, ...others] = groupByAsset(sensors, { search: '', state: 'silent' })
    expect(silent).toMatchObject({ ids: ['p2/b'], total: 2 })
    expect(others).toEqual([])
    expect(groupByAsset(sensors, { search: 'hall 2', state: null }).map((group) => group.ids)).toEqual([['q/2']])
    expect(groupByAsset(sensors, { search: 'none', state: null })).toEqual([])
  })
})

describe('inOrderOf', () => {
  it('keeps an order that was seen, and puts new groups behind', () => {
    const before = groupByAsset(sensors.slice(0, 4), all)
    const groups = groupByAsset(sensors, all)
    expect(inOrderOf(groups, before).map((group) => group.asset)).toEqual(['p2', 'p10', null, 'q'])
  })
})
