import { loadPipelineModels, readModelSet } from '../model-set.ts'
import { resolveModel } from '../named-models.ts'
import { readComparison } from '../registry/comparison.ts'
import { auditPath } from '../registry/record.ts'
import { defaultRegistry, Registry } from '../registry/registry.ts'
import { parseReference } from '../registry/registry-names.ts'
import { networkJson, networkText, type ShownNetwork } from './network-text.ts'
import { comparisonText, modelText, versionText } from './registered-text.ts'

interface ShowArguments {
  readonly registry?: string
  readonly json?: boolean
}

/**
 * Prints a registered model with its versions, audit log and comparison; with `@VERSION`, or for a model that is not
 * registered, what one version is: network, data, figures.
 *
 * Errors: as `resolveModel`, `Registry` and loading.
 */
export function showModel(named: string, { registry: root = defaultRegistry, json }: ShowArguments): void {
  const registry = new Registry(root)
  const reference = parseReference(named)
  const isModel = reference?.version === null && registry.read(reference.name) !== null
  const shown = isModel ? wholeModel(registry, reference.name) : oneVersion(registry, named, root)
  process.stdout.write(json === true ? `${JSON.stringify(shown.json)}\n` : shown.text)
}

interface Shown {
  readonly json: unknown
  readonly text: string
}

function wholeModel(registry: Registry, name: string): Shown {
  const model = registry.model(name)
  const audit = registry.audit(name)
  const directory = registry.directory(name)
  const lost = model.revision - audit.length
  if (lost > 0) {
    const fix = 'put it back from a backup to see them'
    process.stderr.write(`${auditPath(directory)} lacks ${lost} of ${model.revision} changes: ${fix}\n`)
  }
  const comparison = readComparison(directory)
  const compared = comparison === null ? '' : `\n${comparisonText(comparison)}`
  return {
    json: { ...model, directory, audit, comparison },
    text: `${modelText(model, directory, audit, registry)}${compared}`,
  }
}

function oneVersion(registry: Registry, named: string, root: string): Shown {
  const origin = resolveModel(named, root)
  const networks = networksOf(origin.path)
  if (origin.kind !== 'registered') {
    return { json: { model: named, networks: networks.map(networkJson) }, text: `${named}\n${networkText(networks)}` }
  }
  const { name, version } = origin
  const registered = registry.version(name, version)
  const audit = registry.audit(name).filter((entry) => entry.version === version || entry.from === version)
  const { live, shadow } = registry.model(name)
  return {
    json: {
      name,
      ...registered,
      isLive: live === version,
      isShadow: shadow === version,
      networks: networks.map(networkJson),
      audit,
    },
    text: versionText({ name, registered, live, shadow, audit, registry, network: networkText(networks) }),
  }
}

/** The networks of a directory: one, or one a sensor. */
function networksOf(path: string): ShownNetwork[] {
  const { model, own } = loadPipelineModels(path)
  if (readModelSet(path) === null) return [{ sensor: null, model }]
  return [...own].map(([sensor, one]) => ({ sensor, model: one }))
}
