// Scripts run on plain Node, which reads no TypeScript, so the tier measures what `npm run build` wrote.
const built = (/** @type {string} */ file) => import(new URL(`../../dist/${file}`, import.meta.url).href)

/** The library, as users import it. @type {typeof import('../../src/index.ts')} */
export const library = await built('index.js')
/** @type {typeof import('../../src/base/math.ts')} */
export const math = await built('base/math.js')
/** @type {Pick<typeof import('../../src/base/prng.ts'), 'createPrng'>} */
export const { createPrng } = await built('base/prng.js')
