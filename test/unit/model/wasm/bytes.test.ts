import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { compile, modules, pathOf, source } from '../../../../src/build-kernel.mjs'

type Name = keyof typeof modules

test.each(Object.keys(modules) as Name[])('the committed bytes of %s are those of its source', async (name) => {
  expect(readFileSync(pathOf(name), 'utf8')).toBe(source(name, await compile(name)))
})
