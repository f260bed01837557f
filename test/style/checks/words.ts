import ts from 'typescript'
import { lineOf, type Offence, type Source, walk } from '../source-tree.ts'

const vagueNames = ['utils', 'util', 'helpers', 'helper', 'common', 'manager', 'misc']

/** Zero `any`, and no way around the type checker. */
export function checkAny(sources: readonly Source[]): Offence[] {
  return sources.flatMap(({ path, ast, text }) => {
    const offences: Offence[] = []
    walk(ast, (node) => {
      if (node.kind !== ts.SyntaxKind.AnyKeyword) return
      offences.push({ path, line: lineOf(ast, node), fix: 'any: name the type, or take unknown and look before use' })
    })
    text.split('\n').forEach((line, index) => {
      if (!/@ts-(ignore|nocheck)\b/.test(line)) return
      offences.push({ path, line: index + 1, fix: 'the type checker is switched off here: mend the type instead' })
    })
    return offences
  })
}

/** Files are named after the one thing they hold. */
export function checkNames(paths: readonly string[]): Offence[] {
  return paths
    .filter((path) => path.split('/').some((part) => vagueNames.includes(part.replace(/\..*$/, '').toLowerCase())))
    .map((path) => ({ path, line: 1, fix: 'a name that says nothing: name the file after the one thing it exports' }))
}

// Put together, so that this file does not find itself.
const personal = ['work', 'root', 'home', 'Users'].join('|')
const machinePath = new RegExp(`(^|[\\s"'\`(=:])/(${personal})/[\\w.-]`)
const unfinished = new RegExp(
  `\\b(${['TO', 'FIX'].map((word) => `${word}${word === 'TO' ? 'DO' : 'ME'}`).join('|')})\\b`,
)

/** Nothing refers to the machine on which it was written, and nothing is left for later. */
export function checkTexts(texts: Readonly<Record<string, string>>): Offence[] {
  const offences: Offence[] = []
  for (const [path, text] of Object.entries(texts)) {
    text.split('\n').forEach((line, index) => {
      const at = { path, line: index + 1 }
      if (machinePath.test(line)) offences.push({ ...at, fix: 'a path of one machine: make it relative, or an option' })
      if (unfinished.test(line))
        offences.push({ ...at, fix: 'unfinished: do it, or refuse the case with a clear error' })
    })
  }
  return offences
}
