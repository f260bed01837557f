/**
 * Compiles the AssemblyScript of `model/wasm/assembly/` and writes the bytes that are committed: `npm run kernel`.
 *
 * A test compiles again and compares, so the committed bytes are always those of the source beside them.
 */
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import asc from 'assemblyscript/asc'

const folder = join(dirname(fileURLToPath(import.meta.url)), 'model', 'wasm')
const options = [
  ...['-O3', '--noAssert', '--runtime', 'stub', '--use', 'abort='],
  ...['--enable', 'simd', '--enable', 'threads', '--importMemory', '--sharedMemory'],
  ...['--initialMemory', '1', '--maximumMemory', '65536'],
]

/** The modules that are committed: the entry in `assembly/`, and whether the machine may fuse multiply and add. */
export const modules = {
  kernel: { entry: 'index.ts', relaxed: false },
  relaxedKernel: { entry: 'index.ts', relaxed: true },
  training: { entry: 'train-index.ts', relaxed: false },
}

/**
 * Compiles one module.
 * @param {keyof typeof modules} name
 * @returns {Promise<Uint8Array>}
 */
export async function compile(name) {
  const { entry, relaxed } = modules[name]
  /** @type {Uint8Array | undefined} */
  let bytes
  const words = [entry, '--outFile', 'module.wasm', ...options, ...(relaxed ? ['--enable', 'relaxed-simd'] : [])]
  const { error, stderr } = await asc.main([...words, '--baseDir', join(folder, 'assembly')], {
    writeFile: (file, contents) => {
      if (file === 'module.wasm') bytes = /** @type {Uint8Array} */ (contents)
    },
  })
  if (error !== null || bytes === undefined) throw new Error(`${entry} does not compile: ${stderr.toString()}`)
  return bytes
}

/**
 * The TypeScript file that holds a module's bytes.
 * @param {keyof typeof modules} name
 * @param {Uint8Array} bytes
 */
export function source(name, bytes) {
  const base64 = Buffer.from(bytes).toString('base64')
  return (
    `/** The module \`${name}\`, ${bytes.length} bytes, compiled by build-kernel.mjs from assembly/; written by \`npm run kernel\`. */\n` +
    `export const ${name}Bytes =\n  '${base64}'\n`
  )
}

/**
 * Where a module's bytes are committed.
 * @param {string} name
 */
export function pathOf(name) {
  return join(folder, `${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}-bytes.ts`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const named = process.argv.slice(2)
  for (const name of /** @type {(keyof typeof modules)[]} */ (Object.keys(modules))) {
    if (named.length > 0 && !named.includes(name)) continue
    const bytes = await compile(name)
    writeFileSync(pathOf(name), source(name, bytes))
    console.log(`${name}: ${bytes.length} bytes`)
  }
}
