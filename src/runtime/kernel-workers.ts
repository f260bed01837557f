import { Worker } from 'node:worker_threads'

/**
 * What a worker does: nothing but WASM over the shared memory, until the kernel is closed.
 *
 * It is source text, so that it runs alike from the source tree, the build and a bundle.
 */
const program = `
  const { workerData } = require('node:worker_threads')
  const { module, memory, plan, tile, job, spins } = workerData
  new WebAssembly.Instance(module, { env: { memory } }).exports.serve(plan, tile, job, spins)
`

/**
 * Starts a thread that serves a kernel; for `workers.start` of the WASM kernel, whose `WorkerTask` it is.
 *
 * It does not keep the process alive. Until it has started, the kernel's own thread does all the work.
 */
export function startKernelWorker(task: object): void {
  new Worker(program, { eval: true, workerData: task }).unref()
}
