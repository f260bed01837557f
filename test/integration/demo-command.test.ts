import { createServer } from 'node:net'
import { describe, expect, it } from 'vitest'
import { until } from '../servers/until.ts'
import { Program } from './plant/program.ts'

describe('residua demo as a command', () => {
  it('says what to open, serves the built page there, and ends with 130 after Ctrl-C', async () => {
    const demo = new Program(['demo', '--port', '0'])
    await until('the demo to say what to open', async () => /open +http/.test(demo.output), { timeoutMs: 60_000 })
    const url = /open +(http:\/\/127\.0\.0\.1:\d+)/.exec(demo.output)![1]!
    expect(await (await fetch(url)).text()).toContain('<title>Residua')
    expect(demo.output).not.toContain('\u001b')
    expect(await demo.signal('SIGINT')).toBe(130)
  })

  it('runs the sample with --once --json, prints one object and ends with 0', async () => {
    const demo = new Program(['demo', '--once', '--json'])
    expect(await demo.ended).toBe(0)
    const summary = await until('the whole summary', () => JSON.parse(demo.output) as object)
    expect(summary).toMatchObject({ injected: 13, sensors: 40, realMachine: { days: 79 } })
  })

  it('ends with 1 and the way out when the port is taken', async () => {
    const occupied = createServer()
    await new Promise<void>((resolve) => occupied.listen(0, '127.0.0.1', resolve))
    const { port } = occupied.address() as { port: number }
    const demo = new Program(['demo', '--port', String(port)])
    expect(await demo.ended).toBe(1)
    await until('the way out', () => demo.output.includes(`choose another one, such as --port ${port + 1}`))
    await new Promise((resolve) => occupied.close(resolve))
  })

  it('ends with 2 on options that make no sense', async () => {
    for (const args of [
      ['--port', 'x'],
      ['--speed', '0'],
      ['--seed', '-1'],
      ['--once', '--port', '1'],
    ]) {
      expect(await new Program(['demo', ...args]).ended, args.join(' ')).toBe(2)
    }
  })
})
