import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { freePorts, listensOn } from '../../servers/ports.ts'

describe('ports of test servers', () => {
  it('are all different', async () => {
    const ports = await freePorts(20)
    expect(new Set(ports).size).toBe(20)
  })
  it('are known to belong to the process that listens', async () => {
    const [mine = 0, other = 0] = await freePorts(2)
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(mine, '127.0.0.1', resolve))
    expect(listensOn(process.pid, mine)).toBe(true)
    // Where /proc is missing every port counts as one's own.
    expect(listensOn(process.pid, other)).toBe(process.platform !== 'linux')
    server.close()
  })
})
