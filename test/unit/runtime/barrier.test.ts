import { describe, expect, it } from 'vitest'
import { Barrier } from '../../../src/runtime/barrier.ts'

describe('the barrier', () => {
  it('performs in order, after everything before is committed', async () => {
    const barrier = new Barrier()
    const said: string[] = []
    const first = barrier.ask(() => said.push('first'))
    const second = barrier.ask(() => said.push('second'))
    await barrier.serve(async () => void said.push('committed'))
    expect(await Promise.all([first, second])).toEqual([2, 3])
    expect(said).toEqual(['committed', 'first', 'second'])
  })

  it('commits nothing when nobody asked', async () => {
    await new Barrier().serve(() => Promise.reject(new Error('not needed')))
  })

  it('gives an error back to who asked, and goes on with the next', async () => {
    const barrier = new Barrier()
    const broken = barrier.ask(() => {
      throw new Error('does not forecast')
    })
    const next = barrier.ask(() => 7)
    await Promise.all([expect(broken).rejects.toThrow('does not forecast'), barrier.serve(async () => undefined)])
    expect(await next).toBe(7)
  })

  it('refuses what waits when the pipeline stops, and what comes later', async () => {
    const barrier = new Barrier()
    const waiting = barrier.ask(() => 1)
    barrier.close()
    await expect(waiting).rejects.toThrow('the pipeline is stopping')
    await expect(barrier.ask(() => 2)).rejects.toThrow('the pipeline is stopping')
  })
})
