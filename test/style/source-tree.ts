import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import ts from 'typescript'

/** One import, re-export, dynamic import or `new URL(…, import.meta.url)` of a file. */
export interface Import {
  /** As written. */
  readonly specifier: string
  /** Path from the root of the repository for a relative specifier; undefined for a package. */
  readonly path: string | undefined
  readonly line: number
}

/** One parsed source file. */
export interface Source {
  /** Path from the root of the repository, with forward slashes. */
  readonly path: string
  readonly text: string
  readonly ast: ts.SourceFile
  readonly imports: readonly Import[]
}

/** Something that breaks a rule of the house, and what mends it. */
export interface Offence {
  readonly path: string
  readonly line: number
  readonly fix: string
}

const isCode = (path: string): boolean => /\.(ts|tsx|mjs)$/.test(path) && !path.endsWith('.d.ts')

/** Parses code given as texts by path; a path that is not code is left out. */
export function parseTree(texts: Readonly<Record<string, string>>): Source[] {
  return Object.entries(texts)
    .filter(([path]) => isCode(path))
    .map(([path, text]) => {
      const ast = ts.createSourceFile(path, text, ts.ScriptTarget.ES2023, true)
      return { path, text, ast, imports: importsOf(path, ast) }
    })
}

/** Texts of all files below some folders of the repository, by path. */
export function readTexts(root: string, folders: readonly string[]): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const folder of folders) {
    if (!existsSync(join(root, folder))) continue
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true, recursive: true })) {
      const path = join(entry.parentPath, entry.name)
      const name = path.slice(root.length).replaceAll('\\', '/').replace(/^\//, '')
      if (entry.isFile() && isText(name)) texts[name] = readFileSync(path, 'utf8')
    }
  }
  return texts
}

function isText(name: string): boolean {
  // The benchmark installs its peers below test/bench.
  if (name.includes('/node_modules/')) return false
  return /\.(ts|tsx|mjs|json|md|ya?ml|conf|properties|css|html|sh|xml)$|Dockerfile$/.test(name)
}

/** 1-based line of a node. */
export function lineOf(ast: ts.SourceFile, node: ts.Node): number {
  return ast.getLineAndCharacterOfPosition(node.getStart(ast)).line + 1
}

/** Calls `visit` for a node and everything below it. */
export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node)
  ts.forEachChild(node, (child) => walk(child, visit))
}

function importsOf(path: string, ast: ts.SourceFile): Import[] {
  const found: Import[] = []
  const add = (literal: ts.Node | undefined): void => {
    if (literal === undefined || !ts.isStringLiteralLike(literal)) return
    const specifier = literal.text
    // AssemblyScript names its files without an ending.
    const ending = path.includes('/assembly/') ? '.ts' : ''
    const target = specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) + ending : undefined
    found.push({ specifier, path: target, line: lineOf(ast, literal) })
  }
  walk(ast, (node) => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node.moduleSpecifier)
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal)
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0])
    else if (isUrlOfThisFile(node)) add(node.arguments?.[0])
  })
  return found
}

/** `new URL('./file.ts', import.meta.url)`: how a worker or an asset is named. */
function isUrlOfThisFile(node: ts.Node): node is ts.NewExpression {
  return (
    ts.isNewExpression(node) &&
    node.expression.getText() === 'URL' &&
    node.arguments?.[1]?.getText() === 'import.meta.url'
  )
}
