import type { Offence, Source } from '../source-tree.ts'

/** No file may import itself through others, type imports included. */
export function checkCycles(sources: readonly Source[]): Offence[] {
  const edges = new Map(
    sources.map(({ path, imports }) => [
      path,
      imports.flatMap((found) => (found.path === undefined ? [] : [found.path])),
    ]),
  )
  const offences: Offence[] = []
  const done = new Set<string>()
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) {
      const fix = `${[...trail.slice(start), path].join(' → ')} is a cycle: move what both need into a file of its own`
      offences.push({ path, line: 1, fix })
      return
    }
    if (done.has(path)) return
    for (const next of edges.get(path) ?? []) visit(next, [...trail, path])
    done.add(path)
  }
  for (const path of edges.keys()) visit(path, [])
  return offences
}
