import ts from 'typescript'
import { lineOf, type Offence, type Source, walk } from '../source-tree.ts'

const pure = ['base', 'domain', 'codec', 'model', 'core']
const exact = ['model', 'core']

/** Math functions whose result IEEE 754 or the language fixes; the others differ between engines. */
const exactMath = new Set(
  'abs ceil clz32 floor fround imul max min round sign sqrt trunc E LN10 LN2 LOG10E LOG2E PI SQRT1_2 SQRT2'.split(' '),
)

const forbiddenNames: Readonly<Record<string, string>> = {
  performance: 'take the time as an argument',
  setTimeout: 'timers belong to runtime',
  setInterval: 'timers belong to runtime',
  setImmediate: 'timers belong to runtime',
  queueMicrotask: 'timers belong to runtime',
  process: 'take what it tells as an argument',
  Promise: 'stay synchronous; waiting belongs to runtime and adapters',
  fetch: 'I/O belongs to adapters',
  console: 'return what is to be said; the command line prints it',
}

/** `base domain codec model core`: no clock, no timers, no randomness, no I/O, no promises; in model and core only exact maths. */
export function checkPurity(sources: readonly Source[]): Offence[] {
  return sources.filter(({ path }) => isIn(path, pure)).flatMap(offencesOf)
}

function isIn(path: string, folders: readonly string[]): boolean {
  return folders.some((folder) => path.startsWith(`src/${folder}/`))
}

function offencesOf({ path, ast, imports }: Source): Offence[] {
  const layer = path.split('/')[1] ?? ''
  const offences: Offence[] = []
  for (const { specifier, line } of imports) {
    // node:buffer only computes; everything else of Node reaches out of the process.
    if (!specifier.startsWith('node:') || specifier === 'node:buffer') continue
    offences.push({
      path,
      line,
      fix: `${layer} is pure and imports ${specifier}: take the bytes or the value as an argument`,
    })
  }
  walk(ast, (node) => {
    const fix = impurity(node, isIn(path, exact) || path === 'src/base/math.ts')
    if (fix !== undefined) offences.push({ path, line: lineOf(ast, node), fix: `${layer} is pure: ${fix}` })
  })
  return offences
}

function impurity(node: ts.Node, mathMustBeExact: boolean): string | undefined {
  if (node.kind === ts.SyntaxKind.AsyncKeyword || ts.isAwaitExpression(node))
    return 'no async code; waiting belongs to runtime'
  if (ts.isNewExpression(node) && node.expression.getText() === 'Date' && (node.arguments?.length ?? 0) === 0) {
    return 'new Date() reads the clock; take the time as an argument'
  }
  if (ts.isPropertyAccessExpression(node)) return impureProperty(node, mathMustBeExact)
  if (ts.isIdentifier(node) && isReference(node) && Object.hasOwn(forbiddenNames, node.text)) {
    return `${node.text} is not allowed; ${forbiddenNames[node.text]}`
  }
  return undefined
}

function impureProperty(node: ts.PropertyAccessExpression, mathMustBeExact: boolean): string | undefined {
  const owner = node.expression.getText()
  const name = node.name.text
  if (owner === 'Date' && name === 'now') return 'Date.now() reads the clock; take the time as an argument'
  if (owner !== 'Math') return undefined
  if (name === 'random') return 'Math.random() cannot be repeated; draw from base/prng.ts'
  if (mathMustBeExact && !exactMath.has(name)) return `Math.${name} differs between engines; use base/math.ts`
  return undefined
}

/** A use of a global name, not a property or a declaration that happens to be called the same. */
function isReference(node: ts.Identifier): boolean {
  const parent = node.parent
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isQualifiedName(parent)) return parent.left === node
  const isNamed = 'name' in parent && parent.name === node
  return !isNamed && !ts.isImportSpecifier(parent)
}
