import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { Absent, runnerOf } from '../contender.mjs'
import { stateDict } from '../work.mjs'

/** @typedef {import('../contender.mjs').Work} Work */
/** @typedef {import('../work.mjs').Net} Net */
/** @typedef {{ threads?: number, relaxed?: boolean }} KernelOptions */

/**
 * A module of the build: what it exports is told by the type of its source.
 * @param {string} path
 */
function importFile(path) {
  return import(pathToFileURL(path).href)
}

/**
 * Our contenders, of one build.
 * @param {string} dist folder of the built program
 */
export function ours(dist) {
  const load = (/** @type {string} */ path) => importFile(join(dist, path))

  /**
   * The kernel as the pipeline uses it: nothing is allocated in a step.
   * @param {Work} work
   * @param {KernelOptions} [options]
   */
  async function openKernel(work, options = {}) {
    const kernel = await ourKernel(load, work, options)
    const y = new Float32Array(work.batch)
    return runnerOf(`${kernel.name}${(options.threads ?? 1) > 1 ? `, ${options.threads} threads` : ''}`, work, {
      step(list) {
        kernel.step(
          /** @type {Int32Array} */ (work.rows[list]),
          work.batch,
          /** @type {Float32Array} */ (work.x[list]),
          y,
        )
        return y
      },
      reset: () => kernel.state.fill(0),
      close: () => kernel.close(),
    })
  }

  /**
   * The library's own way, `loadModel(…)` and `model.open({ slots }).step(rows, x)`: with its checks and a new array a step.
   * @param {Work} work
   */
  async function openStream(work) {
    /** @type {typeof import('../../../src/index.ts')} */
    const { loadModel } = await load('index.js')
    /** @type {typeof import('../../../src/model/safetensors.ts')} */
    const { writeSafetensors } = await load('model/safetensors.js')
    const folder = mkdtempSync(join(tmpdir(), 'residua-bench-'))
    const { architecture, tensors } = stateDict(work.net)
    const path = join(folder, 'model.safetensors')
    writeFileSync(path, writeSafetensors(tensors, { format: 'pt' }))
    const model = await loadModel(path, { architecture })
    rmSync(folder, { recursive: true, force: true })
    let stream = model.open({ slots: work.slots })
    return runnerOf('model.open().step()', work, {
      step: (list) =>
        stream.step(/** @type {Int32Array} */ (work.rows[list]), /** @type {Float32Array} */ (work.x[list])),
      reset: () => {
        stream = model.open({ slots: work.slots })
      },
    })
  }

  return { openKernel, openStream }
}

/**
 * The one place that knows how a kernel is made.
 * @param {(path: string) => ReturnType<typeof importFile>} load
 * @param {Work} work
 * @param {KernelOptions} options
 */
async function ourKernel(load, { net, slots }, options) {
  /** @type {typeof import('../../../src/model/model.ts')} */
  const { createModel } = await load('model/model.js')
  /** @type {typeof import('../../../src/model/architecture.ts')} */
  const { parseArchitecture } = await load('model/architecture.js')
  /** @type {typeof import('../../../src/model/create-kernel.ts')} */
  const { createKernel } = await load('model/create-kernel.js')
  const { architecture, tensors } = stateDict(net)
  /** @type {typeof import('../../../src/runtime/kernel-workers.ts')} */
  const { startKernelWorker } = await load('runtime/kernel-workers.js')
  const workers = { count: (options.threads ?? 1) - 1, start: startKernelWorker }
  try {
    return createKernel(createModel('bench', parseArchitecture(architecture), tensors), slots, { ...options, workers })
  } catch (error) {
    if (options.relaxed === true) throw new Absent('this Node has no relaxed SIMD')
    throw error
  }
}
