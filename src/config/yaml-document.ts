import { isCollection, isMap, isNode, LineCounter, type Pair, parseDocument, type Scalar } from 'yaml'
import type { Finding, Path } from './explain.ts'

/** A YAML text that was read: its value, its syntax errors, and the line of every part. */
export interface YamlDocument {
  readonly value: unknown
  readonly errors: readonly (Finding & { readonly line: number })[]
  /** The line from which on the value may not be what was meant; Infinity for a text that could be read. */
  readonly brokenFrom: number
  /** The line (1-based) of a value, of its key with `atKey`, or of the nearest part above that exists. */
  lineOf(path: Path, atKey?: boolean): number
}

const duplicateHint = 'a key may stand only once; join the two'

/** The parser's first sentence, without the excerpt that it appends. */
function firstLine(message: string): string {
  return message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '')
}

/** What to do about a syntax error: by its kind, and by a mistake that is easily made near its line. */
function syntaxHint(code: string, near: readonly (string | undefined)[]): string | undefined {
  if (code === 'TAB_AS_INDENT') return 'indent with spaces'
  if (code === 'DUPLICATE_KEY') return duplicateHint
  const braces = near.some((line) => line !== undefined && /\{.*:\s*\$\{\w+\}/.test(line))
  return braces ? 'inside { } a reference needs quotes: "${NAME}"' : undefined
}

/**
 * Reads a configuration text, keeping the place of every part.
 *
 * Errors: none thrown; syntax errors and duplicate keys are in `errors`, and `value` is what could be read.
 */
export function readYaml(text: string): YamlDocument {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, merge: false })
  const lineAt = (offset: number): number => lines.linePos(offset).line

  function pairOf(path: Path): Pair<Scalar, unknown> | undefined {
    const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true)
    if (!isMap(parent)) return undefined
    return parent.items.find((pair) => (pair.key as Scalar).value === path.at(-1)) as Pair<Scalar, unknown> | undefined
  }

  function lineOf(path: Path, atKey = false): number {
    if (path.length === 0) return isCollection(document.contents) ? lineAt(document.contents.range?.[0] ?? 0) : 1
    const key = pairOf(path)?.key
    const node = document.getIn(path, true)
    const place = atKey || !isNode(node) ? key : node
    if (place?.range) return lineAt(place.range[0])
    return lineOf(path.slice(0, -1), true)
  }

  const texts = text.split('\n')
  const errors: (Finding & { readonly line: number })[] = [...document.errors, ...document.warnings].map((error) => {
    const line = lineAt(error.pos[0])
    const hint = syntaxHint(error.code, [texts[line - 2], texts[line - 1]])
    const expected = `not readable as YAML: ${firstLine(error.message)}`
    return { path: [], line, expected, ...(hint === undefined ? {} : { hint }) }
  })
  let value: unknown
  try {
    value = document.toJS({ maxAliasCount: 100 })
  } catch (error) {
    errors.push({ path: [], line: 1, expected: `not readable as YAML: ${firstLine(String(error))}` })
  }
  const broken = errors.filter(({ hint }) => hint !== duplicateHint)
  return { value, errors, lineOf, brokenFrom: Math.min(...broken.map(({ line }) => line)) }
}
