import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import {
  folderOf,
  keptPictures,
  pageNames,
  picturesOf,
  readPage,
  runPage,
  unfoundedFigures,
  withoutSeconds,
} from './page.mjs'

describe.each(pageNames)('the example %s', (name) => {
  test('prints and draws what its page shows (`npm run examples` writes it anew)', { timeout: 240_000 }, async () => {
    const page = readPage(name)
    const made = await runPage(name)
    expect(withoutSeconds(made.page)).toBe(withoutSeconds(page))
    expect(made.pictures.size).toBeGreaterThan(0)
    for (const [path, picture] of made.pictures) {
      expect(readFileSync(join(folderOf(name), path), 'utf8') === picture, `${path} is another picture`).toBe(true)
    }
  })

  test('shows every picture beside it, and says no figure that its commands did not', () => {
    const page = readPage(name)
    expect(keptPictures(name).sort()).toEqual(picturesOf(page).sort())
    expect(unfoundedFigures(page)).toEqual([])
  })
})
