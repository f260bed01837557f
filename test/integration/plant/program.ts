import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { until } from '../../servers/until.ts'

const main = fileURLToPath(new URL('../../../dist/main.js', import.meta.url))

/** A `residua` process as a user starts it, from the built program. */
export class Program {
  readonly #child: ChildProcess
  #output = ''
  readonly ended: Promise<number | null>

  constructor(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    if (!existsSync(main)) throw new Error('dist/main.js is missing: run `npm run build` first')
    this.#child = spawn(process.execPath, [main, ...args], {
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.#output += chunk.toString()
    })
    this.#child.stderr?.on('data', (chunk: Buffer) => {
      this.#output += chunk.toString()
    })
    this.ended = once(this.#child, 'exit').then(([code]) => code as number | null)
  }

  /** Everything it has said so far. */
  get output(): string {
    return this.#output
  }

  /** Waits until `/readyz` of the given port says that sources are connected and state is restored. */
  async ready(port: number): Promise<void> {
    await until(
      'residua to be ready',
      async () => {
        if (this.#child.exitCode !== null) throw new Error(`it ended with ${this.#child.exitCode}: ${this.#output}`)
        const answer = await fetch(`http://127.0.0.1:${port}/readyz`)
        if (!answer.ok) throw new Error(await answer.text())
        return true
      },
      { timeoutMs: 30_000 },
    )
  }

  async signal(name: NodeJS.Signals): Promise<number | null> {
    this.#child.kill(name)
    return this.ended
  }
}
