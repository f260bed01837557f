import type { Offence, Source } from '../source-tree.ts'

/** Each file must be reached from an entry: by an import, or by `new URL(…, import.meta.url)` as a worker is. */
export function checkDeadFiles(sources: readonly Source[], entries: readonly string[]): Offence[] {
  const byPath = new Map(sources.map((source) => [source.path, source]))
  const reached = new Set<string>()
  const queue = entries.filter((entry) => byPath.has(entry))
  for (let path = queue.pop(); path !== undefined; path = queue.pop()) {
    if (reached.has(path)) continue
    reached.add(path)
    for (const found of byPath.get(path)?.imports ?? []) {
      // A worker is started from its compiled name.
      for (const target of [found.path, found.path?.replace(/\.js$/, '.ts')]) {
        if (target !== undefined && byPath.has(target)) queue.push(target)
      }
    }
  }
  return sources
    .filter(({ path }) => !reached.has(path))
    .map(({ path }) => ({
      path,
      line: 1,
      fix: `no entry (${entries.join(', ')}) reaches this file: use it or delete it`,
    }))
}
