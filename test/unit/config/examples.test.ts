import { readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { adapterTables } from '../../../src/cli/read-config.ts'
import { effectiveYaml } from '../../../src/config/effective.ts'
import { configJsonSchema } from '../../../src/config/json-schema.ts'
import { parseConfig } from '../../../src/config/parse.ts'

const folder = new URL('../../../deploy/examples/', import.meta.url)
const examples = readdirSync(folder).filter((name) => name.endsWith('.yaml'))

function textOf(name: string): string {
  return readFileSync(new URL(name, folder), 'utf8')
}

test.each(examples)('the example %s is a right configuration', (name) => {
  expect(parseConfig(textOf(name), adapterTables).sources.length).toBeGreaterThan(0)
})

test.each(examples)('the example %s is accepted by the JSON Schema that editors use', (name) => {
  const schema = z.fromJSONSchema(configJsonSchema(adapterTables) as never)
  expect(schema.safeParse(parse(textOf(name))).error?.issues ?? []).toEqual([])
})

test.each(examples)('what is in force for the example %s is a configuration that means the same', (name) => {
  const config = parseConfig(textOf(name), adapterTables)
  expect(parseConfig(effectiveYaml(config, adapterTables), adapterTables)).toEqual(config)
})
