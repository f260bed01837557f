import { execFileSync, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Absent } from '../contender.mjs'

/** @typedef {import('../contender.mjs').Work} Work */
/** @typedef {import('../contender.mjs').Runner} Runner */

const source = fileURLToPath(new URL('../c/recurrent.c', import.meta.url))
const compilers = [process.env['CC'] ?? 'cc', 'gcc', 'clang']

/**
 * The same step written by hand in C with AVX-512 or AVX2 intrinsics: compiled here, run as a child that is asked for
 * so many steps and answers with the time they took, so that it takes turns with us as every other contender does.
 * @param {Work} work
 * @param {{ width?: 8 }} [options] 8 asks for AVX2 on a processor that has AVX-512
 * @returns {Promise<Runner>}
 */
export async function openC(work, { width } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'residua-bench-'))
  try {
    const program = compile(folder, width === undefined ? [] : [`-DWIDTH=${width}`])
    return await start(program, folder, work)
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    throw error
  }
}

/**
 * @param {string} folder
 * @param {string[]} flags
 */
function compile(folder, flags) {
  const program = join(folder, 'recurrent')
  let reason = ''
  for (const compiler of compilers) {
    try {
      execFileSync(compiler, ['-O3', '-march=native', ...flags, '-o', program, source], { stdio: 'pipe' })
      return program
    } catch (error) {
      const { code, stderr } = /** @type {{ code?: string, stderr?: Buffer }} */ (error)
      if (code !== 'ENOENT') reason = String(stderr).match(/error: .*/)?.[0] ?? String(stderr).slice(0, 200)
    }
  }
  throw new Absent(
    reason === '' ? `no C compiler (tried ${compilers.join(', ')})` : `C does not compile here: ${reason}`,
  )
}

/**
 * @param {string} program
 * @param {string} folder
 * @param {Work} work
 * @returns {Promise<Runner>}
 */
async function start(program, folder, work) {
  const { net, slots, batch, rows, x } = work
  const weights = join(folder, 'weights')
  writeFileSync(weights, bytesOf([net.wIn, net.wHidden, net.bIn, net.bHidden, net.wHead, net.bHead]))
  const lists = join(folder, 'work')
  writeFileSync(lists, bytesOf([Int32Array.of(batch, rows.length), ...rows, ...x]))
  const args = [net.cell.toLowerCase(), String(net.hidden), String(net.inputs), String(slots), weights]
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const gone = new Promise((_, reject) => {
    child.once('error', reject)
    child.once('close', (code) => reject(new Error(`the C program ended with ${code}`)))
  })
  gone.catch(() => undefined)
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async () =>
    String(/** @type {IteratorResult<string>} */ (await Promise.race([answers.next(), gone])).value)
  const ask = (/** @type {string} */ line) => {
    child.stdin.write(`${line}\n`)
    return answer()
  }
  const width = await answer()
  await ask(`work ${lists}`)
  return {
    name: `C, ${width} by hand`,
    async check(count) {
      const file = join(folder, 'outputs')
      await ask(`check ${count} ${file}`)
      return new Float32Array(new Uint8Array(readFileSync(file)).buffer)
    },
    run: async (count) => Number(await ask(`run ${count}`)),
    async close() {
      child.stdin.end()
      await gone.catch(() => undefined)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** @param {(Float32Array | Int32Array)[]} arrays */
function bytesOf(arrays) {
  return Buffer.concat(arrays.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)))
}
