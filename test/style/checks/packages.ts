import type { Offence, Source } from '../source-tree.ts'

/** Packages with a network or native side: each is imported in one folder only, so that it can be replaced there. */
export const walledPackages = [
  '@bokuweb/zstd-wasm',
  '@fastify/static',
  '@influxdata/influxdb-client',
  '@platformatic/kafka',
  'aedes',
  'fastify',
  'influx',
  'kafkajs',
  'lmdb',
  'lz4js',
  'mqtt',
  'pino',
  'pino-pretty',
  'prom-client',
  'snappyjs',
]

/** A walled package may be imported in one folder; every imported package must be a declared dependency. */
export function checkPackages(sources: readonly Source[], declared: readonly string[]): Offence[] {
  const firstFolder = new Map<string, string>()
  const offences: Offence[] = []
  for (const { path, imports } of sources) {
    for (const { specifier, line } of imports) {
      if (specifier.startsWith('.') || specifier.startsWith('node:')) continue
      const name = specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/')
      if (!declared.includes(name)) {
        offences.push({ path, line, fix: `${name} is not among the dependencies of package.json: add it there` })
      }
      if (!walledPackages.includes(name)) continue
      const folder = folderOf(path)
      const first = firstFolder.get(name) ?? folder
      firstFolder.set(name, first)
      if (folder === first) continue
      offences.push({ path, line, fix: `${name} is imported in ${first} already: ask that folder for what you need` })
    }
  }
  return offences
}

function folderOf(path: string): string {
  const parts = path.split('/')
  return parts.slice(0, parts[1] === 'adapters' ? 3 : 2).join('/')
}
