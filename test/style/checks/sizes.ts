import ts from 'typescript'
import { lineOf, type Offence, type Source, walk } from '../source-tree.ts'

/** Lines of the longest file; about 250 is the aim. */
export const fileLinesMax = 400
/** Lines of the longest function. */
export const functionLinesMax = 70

/** Files and functions that no longer fit in a reader's head. */
export function checkSizes(sources: readonly Source[]): Offence[] {
  return sources.flatMap((source) => [...fileSize(source), ...functionSizes(source)])
}

function fileSize({ path, text }: Source): Offence[] {
  const lines = text.trimEnd().split('\n').length
  if (lines <= fileLinesMax) return []
  return [{ path, line: 1, fix: `${lines} lines, at most ${fileLinesMax}: give one of its parts a file of its own` }]
}

function functionSizes({ path, ast }: Source): Offence[] {
  const offences: Offence[] = []
  walk(ast, (node) => {
    if (!ts.isFunctionLike(node) || !('body' in node) || node.body === undefined) return
    const first = lineOf(ast, node)
    const lines = ast.getLineAndCharacterOfPosition(node.getEnd()).line + 2 - first
    if (lines <= functionLinesMax) return
    const fix = `a function of ${lines} lines, at most ${functionLinesMax}: name a step of it and move it out`
    offences.push({ path, line: first, fix })
  })
  return offences
}
