import { describe, expect, it } from 'vitest'
import { hashOf, parseHash } from '../../../../src/server/ui/hash.ts'

describe('the address', () => {
  it.each([
    { view: 'overview', search: '', state: null },
    { view: 'overview', search: 'pump & 7', state: 'fault' },
    { view: 'sensor', id: 'plant/hall a/pump-7?#%/température' },
    { view: 'alarms', all: true, search: 'x=y' },
    { view: 'alarms', all: false, search: '' },
    { view: 'models' },
  ] as const)('says and reads back %o', (route) => {
    expect(parseHash(hashOf(route))).toEqual(route)
  })

  it('is the overview where it says nothing that is known', () => {
    for (const hash of ['', '#', '#/nowhere', '#/sensor/', '#/?state=broken']) {
      expect(parseHash(hash)).toEqual({ view: 'overview', search: '', state: null })
    }
    expect(parseHash('#/sensor/%E0%A4%A')).toEqual({ view: 'sensor', id: '%E0%A4%A' })
  })
})
