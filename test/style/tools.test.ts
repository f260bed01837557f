import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, it } from 'vitest'
import { root } from './repository.ts'

/** Runs a tool of node_modules; what it finds wrong becomes the test's message. */
async function passes(script: string, args: readonly string[]): Promise<void> {
  try {
    await promisify(execFile)(process.execPath, [join(root, 'node_modules', script), ...args], { cwd: root })
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string }
    throw new Error(`${args.join(' ')}\n${stdout.slice(0, 6_000)}\n${stderr.slice(0, 2_000)}`)
  }
}

describe('the tools', () => {
  it('Biome finds nothing to change (npm run format mends most of it)', { timeout: 120_000 }, async () => {
    await passes('@biomejs/biome/bin/biome', ['check', '--error-on-warnings', '--colors=off', '.'])
  })
  it('the compiler accepts sources and tests', { timeout: 240_000 }, async () => {
    await passes('typescript/bin/tsc', ['-p', 'tsconfig.test.json', '--pretty', 'false'])
  })
  it('the compiler accepts the page', { timeout: 240_000 }, async () => {
    await passes('typescript/bin/tsc', ['-p', 'src/server/ui/tsconfig.json', '--noEmit', '--pretty', 'false'])
  })
})
