import { register } from 'node:module'

/** Completes the relative imports of tfjs-core's modules, which name no ending; all other imports are left as they are. */
const completeImports = `
export async function resolve(specifier, context, next) {
  const isIncomplete = specifier.startsWith('.') && !specifier.endsWith('.js')
  if (!isIncomplete || !context.parentURL?.includes('/@tensorflow/tfjs-core/dist/')) return next(specifier, context)
  try {
    return await next(specifier + '.js', context)
  } catch {
    return next(specifier + '/index.js', context)
  }
}`

let registered: Promise<unknown> | null = null

/**
 * Registers TensorFlow's own gradients of all its kernels, once in a process.
 *
 * The CommonJS build of tfjs-core that Node loads has the tape but no gradients. They are modules of the same package
 * that are written for bundlers: their imports lack the ending that Node asks for, so a hook of the module loader adds
 * it. The registry is of the process, so that whichever build computes finds them.
 */
export function registerTensorFlowGradients(): Promise<unknown> {
  registered ??= importGradients()
  return registered
}

function importGradients(): Promise<unknown> {
  register(`data:text/javascript,${encodeURIComponent(completeImports)}`)
  // In a variable, since the package declares no types of this module.
  const name: string = '@tensorflow/tfjs-core/dist/register_all_gradients.js'
  return import(name)
}
