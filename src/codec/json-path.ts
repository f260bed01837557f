/** Reads one place of a parsed JSON value; undefined when it does not exist. */
export type JsonPath = (root: unknown) => unknown

const step = /\.([A-Za-z_][\w-]*)|\[(\d+)\]|\['((?:[^'\\]|\\.)*)'\]|\["((?:[^"\\]|\\.)*)"\]/y

/** The steps of `$.a.b[0]['c d']`, undefined when it is no such path. */
function parsePath(text: string): readonly (string | number)[] | undefined {
  if (!text.startsWith('$')) return undefined
  const steps: (string | number)[] = []
  step.lastIndex = 1
  while (step.lastIndex < text.length) {
    const match = step.exec(text)
    if (match === null) return undefined
    const [, word, index, single, double] = match
    if (index !== undefined) steps.push(Number(index))
    else steps.push(word ?? (single ?? double ?? '').replace(/\\(.)/g, '$1'))
  }
  return steps
}

/** True for a path such as `$.a.b[0]` or `$["a b"]`; `$` alone is the whole value. */
export function isJsonPath(text: string): boolean {
  return parsePath(text) !== undefined
}

/**
 * Compiles a path. Only own members are found, so that a path cannot reach an object's prototype.
 *
 * Errors: throws on a text for which `isJsonPath` is false (configuration refuses it before).
 */
export function compileJsonPath(text: string): JsonPath {
  const steps = parsePath(text)
  if (steps === undefined) throw new TypeError(`no JSON path: ${text}`)
  const first = steps[0]
  if (steps.length === 1 && typeof first === 'string') return (root) => member(root, first)
  return (root) => {
    let value: unknown = root
    for (const name of steps) value = member(value, name)
    return value
  }
}

function member(value: unknown, name: string | number): unknown {
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) return typeof name === 'number' ? value[name] : undefined
  return Object.hasOwn(value, name) ? (value as Readonly<Record<string | number, unknown>>)[name] : undefined
}
