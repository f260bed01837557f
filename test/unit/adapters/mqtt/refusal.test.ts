import { expect, test } from 'vitest'
import { refusal } from '../../../../src/adapters/mqtt/refusal.ts'

const where = { url: 'mqtt://broker' }

function refused(code: number): Error {
  return Object.assign(new Error(`Connection refused: ${code}`), { code })
}

test('a refused login is an auth error in both versions of the protocol', () => {
  for (const code of [4, 5, 134, 135]) expect(refusal(refused(code), where)?.code).toBe('auth')
})

test('a broker of an older version is named with what to set', () => {
  for (const code of [1, 132]) expect(refusal(refused(code), where)?.message).toContain('protocolVersion: 4')
})

test('what may pass by itself is no refusal', () => {
  for (const code of [3, 136, 137, 159]) expect(refusal(refused(code), where)).toBeUndefined()
  const network = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
  expect(refusal(network, where)).toBeUndefined()
})
