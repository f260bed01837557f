import { expect, test } from 'vitest'
import { product } from './run/product.mjs'
import { smallFigures } from './run/small.mjs'
import { compare, storedResults } from './run/tracked.mjs'

test('no figure of the small bench, the clean months or NAB is worse than stored (npm run accuracy -- --only small shows them)', () => {
  const comparisons = compare(smallFigures(product()), storedResults())
  for (const { name, value, stored } of comparisons)
    console.info(`${name}: ${value.toFixed(4)}, stored ${stored?.value}`)
  expect(comparisons.filter(({ verdict }) => verdict === 'worse' || verdict === 'new')).toEqual([])
}, 120_000)
