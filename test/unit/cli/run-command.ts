import { vi } from 'vitest'
import { runProgram } from '../../../src/cli/program.ts'

/** What a command came to. */
export interface Run {
  readonly exitCode: number
  readonly out: string
  readonly err: string
}

/** Runs a command line in this process and gathers what it prints. */
export async function run(...args: string[]): Promise<Run> {
  const written = { out: '', err: '' }
  const taking = (to: 'out' | 'err') => (text: string | Uint8Array) => {
    written[to] += String(text)
    return true
  }
  vi.spyOn(process.stdout, 'write').mockImplementation(taking('out'))
  vi.spyOn(process.stderr, 'write').mockImplementation(taking('err'))
  const exitCode = await runProgram(args)
  vi.restoreAllMocks()
  process.exitCode = 0
  return { exitCode, ...written }
}

/** A network and windows so small that an epoch takes milliseconds. */
export const small = [
  '--window',
  '16',
  '--horizons',
  '2',
  '--set',
  'model.modules=[{"type":"GRU","name":"gru","hidden_size":4},{"type":"Linear","name":"head"}]',
]
