import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Absent } from './contender.mjs'

/** Folder of the peers: its own package.json and lock file, and what npm installs there. */
const folder = fileURLToPath(new URL('peers', import.meta.url))
const fromFolder = createRequire(join(folder, 'package.json'))
/** @type {string | null} why they could not be installed */
let failure = null

/**
 * Installs the peers when they are not there in the versions of the lock file. A failure is told when one is asked for.
 * @param {(text: string) => void} say
 */
export async function installPeers(say) {
  if (isInstalled()) return
  say('installing the peers below test/bench/peers (npm ci)')
  failure = await npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'])
}

function isInstalled() {
  const record = join(folder, 'node_modules', '.package-lock.json')
  if (!existsSync(record)) return false
  const found = JSON.parse(readFileSync(record, 'utf8')).packages
  const wanted = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).dependencies
  return Object.entries(wanted).every(([name, version]) => found[`node_modules/${name}`]?.version === version)
}

/**
 * @param {string[]} args
 * @returns {Promise<string | null>} null, or why it failed
 */
function npm(args) {
  const script = process.env['npm_execpath']
  const isScript = script?.endsWith('.js') === true
  const program = isScript ? process.execPath : process.platform === 'win32' ? 'npm.cmd' : 'npm'
  return new Promise((resolve) => {
    const child = spawn(program, [...(isScript && script ? [script] : []), ...args], {
      cwd: folder,
      // Its install script would download a GPU runtime, and fail where it cannot.
      env: { ...process.env, ONNXRUNTIME_NODE_INSTALL_CUDA: 'skip' },
      stdio: ['ignore', 'ignore', 'pipe'],
      shell: program.endsWith('.cmd'),
    })
    let output = ''
    child.stderr.on('data', (chunk) => {
      output = (output + chunk).slice(-2_000)
    })
    child.once('error', (error) => resolve(error.message))
    child.once('close', (code) => resolve(code === 0 ? null : `npm ended with ${code}: ${summary(output)}`))
  })
}

/**
 * What npm says went wrong, without its stack and its advice.
 * @param {string} output
 */
function summary(output) {
  const lines = output.split('\n').map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim())
  return lines
    .filter((line) => line !== '' && !line.startsWith('at '))
    .slice(0, 4)
    .join('; ')
}

/**
 * Loads a peer's package; its types are not there in a clone that has not installed it.
 * @param {string} name
 */
export async function loadPeer(name) {
  try {
    return fromFolder(name)
  } catch (error) {
    const reason = failure ?? (error instanceof Error ? error.message.split('\n')[0] : String(error))
    throw new Absent(`${name} cannot be loaded: ${reason}`)
  }
}

/**
 * Path of a file of a peer's package.
 * @param {string} name
 */
export function peerPath(name) {
  return fromFolder.resolve(name)
}
