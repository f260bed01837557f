import { createRequire } from 'node:module'
import { dirname, sep } from 'node:path'
import { registerTensorFlowGradients } from './tensorflow-gradients.ts'

/** The operations of TensorFlow.js, whichever backend computes them. */
export type TensorFlow = typeof import('@tensorflow/tfjs-core')

/** What tfjs-node adds that is read here: the versions of its parts. */
type TensorFlowNode = TensorFlow & { readonly version: Readonly<Record<string, string>> }

/** TensorFlow.js made ready. */
export interface LoadedTensorFlow {
  readonly tf: TensorFlow
  /** For the card: `tfjs-node 4.22.0` or `tfjs-wasm 4.22.0`. */
  readonly backend: string
}

/**
 * TensorFlow.js: `@tensorflow/tfjs-node` where the user has installed it, else the WASM backend on one thread.
 *
 * Nothing is fetched: the .wasm files are those inside the package. `warn` is told why an installed tfjs-node is not used.
 */
export async function loadTensorFlow(warn: (text: string) => void): Promise<LoadedTensorFlow> {
  return (await loadNode(warn)) ?? (await loadWasm())
}

async function loadNode(warn: (text: string) => void): Promise<LoadedTensorFlow | null> {
  // A name in a variable is neither looked up by the type checker nor by a bundler: most have not installed it.
  const name: string = '@tensorflow/tfjs-node'
  try {
    const tf = plain<TensorFlowNode>(await import(name))
    await tf.ready()
    return { tf, backend: `tfjs-node ${tf.version['tfjs-node']}` }
  } catch (error) {
    if (!isAbsent(error, name)) {
      const reason = error instanceof Error ? error.message : String(error)
      warn(`${name} is installed but cannot be loaded, so its WASM backend is used: ${reason}`)
    }
    return null
  }
}

/** Whether the package itself is not there; a missing file inside it is another fault. */
function isAbsent(error: unknown, name: string): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  return error.code === 'ERR_MODULE_NOT_FOUND' && error.message.includes(`'${name}'`)
}

async function loadWasm(): Promise<LoadedTensorFlow> {
  const tf = plain<TensorFlow>(await import('@tensorflow/tfjs-core'))
  const backend = await import('@tensorflow/tfjs-backend-wasm')
  await registerTensorFlowGradients()
  if (tf.getBackend() !== 'wasm') {
    tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false)
    const file = createRequire(import.meta.url).resolve(
      '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm',
    )
    backend.setWasmPaths(dirname(file) + sep)
    await tf.setBackend('wasm')
    await tf.ready()
  }
  return { tf, backend: `tfjs-wasm ${tf.version_core}` }
}

/** Node gives a CommonJS module as the default of a namespace, in which not all names are seen. */
function plain<Module>(namespace: { readonly default?: Module } | Module): Module {
  const { default: inner } = namespace as { readonly default?: Module }
  return inner ?? (namespace as Module)
}
