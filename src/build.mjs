/**
 * Installs and builds a clone: only what is missing or old, quietly, and safely when two do it at once.
 * Plain Node without any dependency; `launch.mjs` and `test/run.mjs` use it. It is not part of the published package.
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

/** An install or build that failed: its message is all that a user needs, without a stack. */
export class BuildError extends Error {
  /** @override */
  name = 'BuildError'
}

/**
 * Runs `npm ci` when what is installed is not what the lock file asks for.
 * @param {string} root the clone
 * @param {(text: string) => void} say
 */
export async function install(root, say) {
  if (isInstalled(root)) return
  await alone(root, say, async () => {
    if (isInstalled(root)) return
    say('installing packages (npm ci)')
    const npm = npmCommand()
    const quiet = ['--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
    await run(root, npm.program, [...npm.args, 'ci', ...quiet])
  })
}

/**
 * Compiles the sources and the page into `dist` when `dist` is missing or was built from other sources.
 * @param {string} root the clone
 * @param {(text: string) => void} say
 */
export async function build(root, say) {
  if (isBuilt(root)) return
  await alone(root, say, async () => {
    if (isBuilt(root)) return
    say('building')
    const stamp = fingerprint(root)
    const part = join(root, `dist.part-${process.pid}`)
    rmSync(part, { recursive: true, force: true })
    try {
      await Promise.all([compile(root, part), bundlePage(root, part)])
      copyAssets(join(root, 'src'), part)
      writeFileSync(join(part, '.built'), stamp)
      replaceFolder(part, join(root, 'dist'))
    } finally {
      rmSync(part, { recursive: true, force: true })
    }
  })
}

/**
 * Compares the lock file with npm's own record of what it installed. A package may be missing only where it is optional.
 * @param {string} root
 */
function isInstalled(root) {
  const record = join(root, 'node_modules', '.package-lock.json')
  if (!existsSync(record)) return false
  const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
  const found = JSON.parse(readFileSync(record, 'utf8')).packages
  for (const [path, entry] of Object.entries(wanted)) {
    if (path === '') continue
    const here = found[path]
    if (here === undefined ? !(entry.optional || entry.devOptional) : here.version !== entry.version) return false
  }
  return true
}

/** npm as it was started, or as the shell finds it. */
function npmCommand() {
  const script = process.env['npm_execpath']
  if (script?.endsWith('.js')) return { program: process.execPath, args: [script] }
  return { program: process.platform === 'win32' ? 'npm.cmd' : 'npm', args: [] }
}

/** @param {string} root */
function isBuilt(root) {
  const stamp = join(root, 'dist', '.built')
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint(root)
}

/**
 * Names, sizes and times of all sources: it also changes when a file goes away or an older one comes back.
 * @param {string} root
 */
function fingerprint(root) {
  const hash = createHash('sha256')
  for (const path of [...filesBelow(join(root, 'src')), join(root, 'tsconfig.json'), join(root, 'package-lock.json')]) {
    const { mtimeMs, size } = statSync(path)
    hash.update(`${relative(root, path)} ${mtimeMs} ${size}\n`)
  }
  return hash.digest('hex')
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

/**
 * @param {string} root
 * @param {string} target
 */
function compile(root, target) {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  return run(root, process.execPath, [tsc, '-p', 'tsconfig.json', '--outDir', target])
}

/**
 * @param {string} root
 * @param {string} target
 */
function bundlePage(root, target) {
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js')
  const config = join('src', 'server', 'ui', 'vite.config.ts')
  const out = ['--outDir', join(target, 'ui'), '--emptyOutDir']
  return run(root, process.execPath, [vite, 'build', '--config', config, ...out, '--logLevel', 'error'])
}

/**
 * Copies what the program reads at run time and no compiler makes: weights, cards, sample data.
 * @param {string} source
 * @param {string} target
 */
function copyAssets(source, target) {
  for (const path of filesBelow(source)) {
    const name = relative(source, path)
    const isPage = name.startsWith(join('server', 'ui') + sep)
    const isAtTop = !name.includes(sep)
    if (isPage || isAtTop || /\.tsx?$/.test(name)) continue
    mkdirSync(dirname(join(target, name)), { recursive: true })
    copyFileSync(path, join(target, name))
  }
}

/**
 * @param {string} part
 * @param {string} target
 */
function replaceFolder(part, target) {
  const old = `${part}.old`
  if (existsSync(target)) renameSync(target, old)
  renameSync(part, target)
  rmSync(old, { recursive: true, force: true })
}

/**
 * Runs one piece of work while no other process of this clone does any; a lock whose owner has died is taken over.
 * @param {string} root
 * @param {(text: string) => void} say
 * @param {() => Promise<void>} work
 */
async function alone(root, say, work) {
  const lock = join(root, '.residua-build.lock')
  for (let waited = false; !tryLock(lock); waited = true) {
    if (!waited) say('waiting for another process that builds this clone')
    await pause(200)
  }
  try {
    await work()
  } finally {
    rmSync(lock, { force: true })
  }
}

/** @param {string} lock */
function tryLock(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== 'EEXIST') throw error
  }
  if (!ownerIsAlive(lock)) rmSync(lock, { force: true })
  return false
}

/** @param {string} lock */
function ownerIsAlive(lock) {
  try {
    const owner = Number(readFileSync(lock, 'utf8'))
    // Between its making and its writing the lock is empty for a moment.
    if (owner === 0) return Date.now() - statSync(lock).mtimeMs < 5_000
    process.kill(owner, 0)
    return true
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM'
  }
}

/**
 * Runs a command quietly; its output is shown only when it fails.
 * @param {string} root
 * @param {string} program
 * @param {string[]} args
 * @returns {Promise<void>}
 */
function run(root, program, args) {
  return new Promise((resolve, reject) => {
    const shell = program.endsWith('.cmd')
    const child = spawn(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], shell })
    let output = ''
    const keep = (/** @type {Buffer} */ chunk) => {
      output = (output + chunk.toString()).slice(-20_000)
    }
    child.stdout.on('data', keep)
    child.stderr.on('data', keep)
    child.once('error', (error) => reject(new BuildError(`${program} cannot be started: ${error.message}`)))
    child.once('close', (code) => {
      if (code === 0) resolve()
      else reject(new BuildError(`${[program, ...args].join(' ')} ended with ${code}\n${output.trim()}`))
    })
  })
}
