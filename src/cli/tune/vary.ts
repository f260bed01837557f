import { existsSync, readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { ConfigurationError, messageOf } from '../../base/errors.ts'
import { type Dimension, parseSearchSpace } from '../../train/tune/search-space.ts'
import { jsonOrText } from '../train/arguments.ts'

const number = String.raw`-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?`
const searchExample = 'an object of fields, such as { "data.window": [32, 64] }'
const rangePattern = new RegExp(`^(${number})\\.\\.(${number})((?::[^:]*)*)$`)

/**
 * The search space of a command line: the fields of a file, and those of `--vary`, which win.
 *
 * Errors: `ConfigurationError` naming the option or the field.
 */
export function readSearchSpace(file: string | undefined, vary: readonly string[]): Dimension[] {
  const fields = file === undefined ? {} : readFile(file)
  return parseSearchSpace({ ...fields, ...Object.fromEntries(vary.map(parseVary)) })
}

function readFile(path: string): Record<string, unknown> {
  if (!existsSync(path)) wrong('--search', path, `there is no such file: it holds ${searchExample}`)
  let json: unknown
  try {
    json = parse(readFileSync(path, 'utf8'))
  } catch (error) {
    wrong('--search', path, `neither YAML nor JSON (${messageOf(error)}): it holds ${searchExample}`)
  }
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) return json as Record<string, unknown>
  return wrong('--search', path, `expected ${searchExample}`)
}

/** `fit.rate=0.001..0.02:log` or `data.window=32,64` as a field of a search file. */
export function parseVary(text: string): readonly [string, unknown] {
  const [, path, value] = /^([\w.]+)=(.+)$/s.exec(text) ?? []
  if (path === undefined || value === undefined) {
    return wrong('--vary', text, 'expected path=from..to or path=value,value, as fit.rate=0.001..0.02')
  }
  const [, from, to, options] = rangePattern.exec(value) ?? []
  if (from === undefined) return [path, choicesOf(value)]
  const named = (options ?? '').split(':').slice(1)
  return [
    path,
    { from: Number(from), to: Number(to), ...Object.assign({}, ...named.map((one) => optionOf(text, one))) },
  ]
}

function optionOf(text: string, option: string): object {
  if (option === 'log' || option === 'linear') return { scale: option }
  const step = Number(/^step=(.+)$/.exec(option)?.[1])
  if (step > 0) return { step }
  return wrong('--vary', text, `":${option}" is none of :log, :linear, :step=8`)
}

/** Values as JSON has them where the whole list is JSON, so that lists and objects can be chosen, too; else words. */
function choicesOf(text: string): unknown[] {
  const list = jsonOrText(`[${text}]`)
  return Array.isArray(list) ? list : text.split(',').map((word) => jsonOrText(word.trim()))
}

function wrong(path: string, value: string, expected: string): never {
  throw new ConfigurationError([{ path, value, expected }])
}
