/**
 * Many worlds, on all cores: `node test/sim/many.mjs [seeds]`, 50,000 by default. A failing seed prints the command that repeats it.
 */
import { spawn } from 'node:child_process'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const seeds = Number(process.argv[2] ?? 50_000)
const parts = availableParallelism()
const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')

/** @param {number} part @returns {Promise<boolean>} */
function run(part) {
  const env = { ...process.env, RESIDUA_SIM_SEEDS: String(seeds), RESIDUA_SIM_PART: `${part}/${parts}` }
  const child = spawn(process.execPath, [vitest, 'run', '--project', 'sim'], { cwd: root, env, stdio: 'inherit' })
  return new Promise((resolve) => child.on('exit', (code) => resolve(code === 0)))
}

const results = await Promise.all(Array.from({ length: parts }, (_, at) => run(at + 1)))
const failed = results.filter((isGood) => !isGood).length
console.log(`${seeds} seeds in ${parts} parts`)
console.log(`${parts - failed} passed, ${failed} failed`)
process.exitCode = failed > 0 ? 1 : 0
