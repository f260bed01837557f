import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { writeSmallSet } from './cli/registry/small-models.ts'

const main = join(import.meta.dirname, '../../dist/main.js')

test('what a command prints reaches a slow reader whole, however long it is', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'residua-main-'))
  try {
    const sensors = Array.from({ length: 400 }, (_, n) => `sensor-${n}`)
    const dir = writeSmallSet(folder, sensors)
    const child = spawn(process.execPath, [main, 'models', 'show', dir, '--json'], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    await once(child.stdout, 'readable')
    let text = ''
    for await (const part of child.stdout) text += String(part)
    expect((JSON.parse(text) as { networks: unknown[] }).networks).toHaveLength(sensors.length)
    expect(child.exitCode ?? (await once(child, 'exit'))[0]).toBe(0)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
