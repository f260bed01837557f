import { createPrng, library } from '../built.mjs'

/** @typedef {import('../../../src/model/model.ts').Model} Model */
/** @type {typeof import('../../../src/model/model.ts')} */
const { createModel } = await import(new URL('../../../dist/model/model.js', import.meta.url).href)

/**
 * A model with other numbers in some of its tensors.
 * @param {Model} model
 * @param {string} name
 * @param {(tensor: string, data: Float32Array) => Float32Array} change
 */
function altered(model, name, change) {
  const tensors = new Map(
    [...model.tensors].map(([tensor, { shape, data }]) => [tensor, { shape, data: change(tensor, data) }]),
  )
  return createModel(name, model.architecture, tensors, { forecast: model.forecast })
}

/**
 * The networks of the ablation: `none` expects that nothing changes, `random` has weights of the trained sizes in no order, `trained`
 * is what ships.
 * @returns {Promise<ReadonlyMap<'none' | 'random' | 'trained', Model>>}
 */
export async function networks() {
  const { model } = await library.loadModel('base')
  const random = createPrng(5)
  const shuffled = (/** @type {Float32Array} */ data) => {
    const out = data.slice()
    for (let at = out.length - 1; at > 0; at--) {
      const other = random.integer(at + 1)
      const kept = out[at] ?? 0
      out[at] = out[other] ?? 0
      out[other] = kept
    }
    return out
  }
  const none = altered(model, 'none', (tensor, data) =>
    tensor.startsWith('head.') ? new Float32Array(data.length) : data,
  )
  return new Map([
    ['none', none],
    ['random', altered(model, 'random', (_, data) => shuffled(data))],
    ['trained', model],
  ])
}
