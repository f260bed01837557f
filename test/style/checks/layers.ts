import type { Offence, Source } from '../source-tree.ts'

/** One row of the layer table: a folder or file below `src`, and what it may import. */
export interface Layer {
  readonly folder: string
  readonly mayImport: readonly string[]
}

/** Reads the table `| folder | may import |` of ARCHITECTURE.md. */
export function readLayers(markdown: string): Layer[] {
  const lines = markdown.split('\n')
  const head = lines.findIndex((line) => /^\|\s*folder\s*\|\s*may import\s*\|/.test(line))
  if (head < 0) throw new Error('src/ARCHITECTURE.md has no table "| folder | may import |"')
  const layers: Layer[] = []
  for (const line of lines.slice(head + 2)) {
    const cells = line.split('|').map((cell) => cell.trim())
    if (cells.length < 4) break
    const words = (cell: string | undefined): string[] =>
      (cell ?? '')
        .replace(/\(.*?\)/g, '')
        .replaceAll('`', '')
        .split(',')
        .map((word) => word.trim())
        .filter((word) => !/^[–-]?$/.test(word))
    for (const folder of words(cells[1])) layers.push({ folder, mayImport: words(cells[2]) })
  }
  return layers
}

/** Imports must follow the table, type imports included. */
export function checkLayers(sources: readonly Source[], layers: readonly Layer[]): Offence[] {
  const offences: Offence[] = []
  for (const source of sources) {
    const layer = layerOf(source.path, layers)
    if (layer === undefined) {
      const fix = 'this folder is in no row of the layer table: move the file, or add a row to src/ARCHITECTURE.md'
      offences.push({ path: source.path, line: 1, fix })
      continue
    }
    for (const { path, line } of source.imports) {
      if (path === undefined || !path.startsWith('src/') || mayImport(layer, source.path, path)) continue
      const fix =
        `${layer.folder} may import ${layer.mayImport.join(', ') || 'nothing'}, but this imports ${path}: move the shared part ` +
        'down to a layer that both may import, or hand it in as an argument'
      offences.push({ path: source.path, line, fix })
    }
  }
  return offences
}

function layerOf(path: string, layers: readonly Layer[]): Layer | undefined {
  const inside = path.replace(/^src\//, '')
  const top = inside.split('/')[0]?.replace(/\.(ts|mjs)$/, '')
  const exact = layers.find(({ folder }) => folder === inside)
  if (exact !== undefined) return exact
  // "adapters/x" stands for each folder below adapters, not for a file directly in it.
  const adapter = layers.find(({ folder }) => folder === `${top}/x`)
  if (adapter !== undefined) return inside.split('/').length > 2 ? adapter : undefined
  return layers.find(({ folder }) => folder === top)
}

function mayImport(layer: Layer, from: string, to: string): boolean {
  if (ownFolder(layer, from) === ownFolder(layer, to)) return true
  const inside = to.replace(/^src\//, '')
  return layer.mayImport.some((word) => word === 'everything' || word === inside || inside.startsWith(`${word}/`))
}

/** The walled folder that a file lies in: `adapters/mqtt` for adapters, else the first folder; a file at the top is its own. */
function ownFolder(layer: Layer, path: string): string {
  const parts = path.split('/')
  const depth = layer.folder.endsWith('/x') ? 3 : 2
  return parts.length > depth ? parts.slice(0, depth).join('/') : path
}
