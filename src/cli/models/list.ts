import { OperatingError } from '../../base/errors.ts'
import type { Model } from '../../model/model.ts'
import { loadModelFiles, shippedModels } from '../model-files.ts'
import { defaultRegistry, type RegisteredModel, Registry } from '../registry/registry.ts'
import { tableText } from './table.ts'

interface ListArguments {
  readonly registry?: string
  readonly json?: boolean
}

/**
 * Prints what ships and what is registered.
 *
 * Errors: as `Registry`; a model whose record is damaged is named behind the list of the others.
 */
export function listModels({ registry: root = defaultRegistry, json }: ListArguments): void {
  const shipped = Object.keys(shippedModels).map((name) => loadModelFiles(name))
  const registry = new Registry(root)
  const { models, damaged } = registry.survey()
  if (json === true) {
    const ships = shipped.map(({ name, fingerprint }) => ({ name, fingerprint }))
    process.stdout.write(`${JSON.stringify({ registry: registry.root, shipped: ships, models })}\n`)
  } else process.stdout.write(listText(root, shipped, models))
  if (damaged.length > 0) throw new OperatingError('registry', damaged.join('\n       '))
}

function listText(root: string, shipped: readonly Model[], models: readonly RegisteredModel[]): string {
  const head = ['name', 'live', 'shadow', 'versions', 'newest', 'weights']
  const ships = shipped.map(({ name, fingerprint }) => [name, 'ships', '', '', '', fingerprint])
  const none = models.length === 0 ? `${root} has no models yet: residua models promote DIR --name NAME\n` : ''
  return `${tableText([head, ...ships, ...models.map(rowOf)])}${none}`
}

function rowOf({ name, live, shadow, versions }: RegisteredModel): string[] {
  const newest = versions.at(-1)
  const shown = versions.find(({ version }) => version === live) ?? newest
  const mark = (version: number | null): string => (version === null ? '–' : String(version))
  const added = newest === undefined ? '' : `${newest.version}, ${newest.addedAt.slice(0, 10)}`
  return [name, mark(live), mark(shadow), String(versions.length), added, shown?.fingerprint ?? '']
}
