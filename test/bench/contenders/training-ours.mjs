import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { comparedBatches } from '../training-work.mjs'
import { stateDict } from '../work.mjs'

/** @typedef {import('../training-work.mjs').Training} Training */
/** @typedef {import('../training-work.mjs').TrainingRunner} TrainingRunner */

/**
 * Our training of the same windows: the library's trainer, its Adam, and the squared error on the last step.
 * @param {string} dist folder of the built program
 * @param {Training} work
 * @returns {Promise<TrainingRunner>}
 */
export async function openOurTraining(dist, work) {
  const load = (/** @type {string} */ path) => import(pathToFileURL(join(dist, path)).href)
  /** @type {typeof import('../../../src/model/model.ts')} */
  const { createModel } = await load('model/model.js')
  /** @type {typeof import('../../../src/model/architecture.ts')} */
  const { parseArchitecture } = await load('model/architecture.js')
  /** @type {typeof import('../../../src/index.ts')} */
  const { createOptimizer, createTrainer, losses } = await load('index.js')
  const { architecture, tensors } = stateDict(work.net)
  const modules = architecture.modules.map((module) => (module.type === 'Linear' ? { ...module, on: 'last' } : module))
  const model = createModel('bench', parseArchitecture({ modules }), tensors)
  const trainer = createTrainer(model, { batch: work.batch, ticks: work.ticks })
  const { learningRate: rate, beta1, beta2, eps } = work.adam
  const optimizer = createOptimizer({ kind: 'adam', rate, betas: [beta1, beta2], eps })
  const dy = new Float32Array(work.batch)
  let next = 0
  const trainBatch = () => {
    const y = trainer.forward(/** @type {Float32Array} */ (work.x[next]))
    const loss = losses.mse(y, /** @type {Float32Array} */ (work.target[next]), dy)
    optimizer.update(trainer.parameters, trainer.backward(dy).byName)
    trainer.repack()
    next = (next + 1) % work.x.length
    return loss
  }
  return {
    name: 'ours',
    firstLosses: Array.from({ length: comparedBatches }, trainBatch),
    async run(batches) {
      const startedNs = process.hrtime.bigint()
      for (let done = 0; done < batches; done++) trainBatch()
      return Number(process.hrtime.bigint() - startedNs)
    },
  }
}
