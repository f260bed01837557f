import { recipeU } from '../../golden/recipe-u.mjs'

const thetas = { low: 2.8, normal: 2.4, high: 1.05 }

/**
 * Recipe U as it is written, without the product's compression, warm-up and age limit: what the product is compared with.
 * Usage: npm run accuracy -- --only nab --detector test/accuracy/run/recipe-u.mjs
 * @type {import('./prototype.mjs').Prototype}
 */
export default function detect({ timeMs, values }, { sensitivity }) {
  const rows = recipeU(timeMs, values, thetas[sensitivity])
  return { score: rows.map(({ score }) => score), alarm: rows.map(({ isOver }) => (isOver ? 1 : 0)) }
}
