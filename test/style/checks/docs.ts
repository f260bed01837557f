import ts from 'typescript'
import { lineOf, type Offence, type Source } from '../source-tree.ts'

/** Each exported symbol has a docstring whose first line is a sentence. */
export function checkDocs(sources: readonly Source[]): Offence[] {
  return sources.flatMap(({ path, ast }) => {
    const offences: Offence[] = []
    const seen = new Set<string>()
    for (const statement of ast.statements) {
      const name = exportedName(statement)
      // Further overloads and a type of the same name share the first docstring.
      if (name === undefined || seen.has(name)) continue
      seen.add(name)
      const fix = missingDoc(statement, name)
      if (fix !== undefined) offences.push({ path, line: lineOf(ast, statement), fix })
    }
    return offences
  })
}

function exportedName(statement: ts.Statement): string | undefined {
  const isExported = ts.canHaveModifiers(statement)
    ? ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
    : false
  if (!isExported) return undefined
  if (ts.isVariableStatement(statement)) return statement.declarationList.declarations[0]?.name.getText()
  if ('name' in statement) return (statement as ts.DeclarationStatement).name?.getText()
  return undefined
}

function missingDoc(statement: ts.Statement, name: string): string | undefined {
  const doc = ts.getJSDocCommentsAndTags(statement).find(ts.isJSDoc)
  const text = ts.getTextOfJSDocComment(doc?.comment)?.trim() ?? tagText(doc)
  if (text === '') return `${name} is exported without a docstring: say what it does in one sentence`
  const first = text.split(/\n\s*\n/)[0] ?? ''
  if (!/[.:;)?!`]\s*$|\.\s/.test(first))
    return `the docstring of ${name} does not begin with a whole sentence: end it with a full stop`
  return undefined
}

/** A docstring that is one tag, such as `@typedef`, says its sentence there. */
function tagText(doc: ts.JSDoc | undefined): string {
  return (doc?.tags ?? [])
    .map((tag) => ts.getTextOfJSDocComment(tag.comment) ?? '')
    .join(' ')
    .trim()
}
