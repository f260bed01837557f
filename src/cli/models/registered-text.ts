import type { TrainedOn } from '../../model/model.ts'
import type { ModelComparison } from '../../ports/plant-models.ts'
import { loadModelFiles, shippedModels } from '../model-files.ts'
import type { AuditEntry } from '../registry/record.ts'
import type { RegisteredModel, RegisteredVersion, Registry } from '../registry/registry.ts'
import { grouped } from '../replay/report.ts'
import { tableText } from './table.ts'

/** Changes that are told for a person; JSON has all. */
const shownChanges = 20
const shownSensors = 20

/** A registered model: versions, newest first, and the end of its audit log. */
export function modelText(
  model: RegisteredModel,
  directory: string,
  audit: readonly AuditEntry[],
  registry: Registry,
): string {
  const { name, live, shadow, history, versions } = model
  const known = knownWeights(registry)
  const head = ['version', '', 'added', 'by', 'weights', 'from', 'learned from', 'error']
  const rows = versions.toReversed().map((one) => {
    const state = one.version === live ? 'live' : one.version === shadow ? 'shadow' : ''
    const { version, addedAt, addedBy, fingerprint } = one
    const error = one.metrics?.['relativeError']
    const parent = parentText(one, known)
    const learned = one.data === null ? '–' : `${grouped(one.data.rows)} rows, ${spanText(one.data)}`
    const cells = [String(version), state, minute(addedAt), addedBy, fingerprint, parent, learned]
    return [...cells, error === undefined ? '–' : error.toFixed(3)]
  })
  const before = history.map((version) => `${name}@${version}`).join(', ')
  return [
    `${name}  ${directory}\n`,
    before === '' ? '' : `live before, newest last: ${before}\n`,
    `\n${tableText([head, ...rows])}`,
    'error: mean error one step ahead through that of repeating the last value\n',
    `\n${auditText(audit)}`,
  ].join('')
}

/** What one version is. */
export function versionText(shown: {
  readonly name: string
  readonly registered: RegisteredVersion
  readonly live: number | null
  readonly shadow: number | null
  readonly audit: readonly AuditEntry[]
  readonly registry: Registry
  readonly network: string
}): string {
  const { name, registered, live, shadow, audit, registry, network } = shown
  const { version, dir, data, metrics, sensors } = registered
  const state = version === live ? ', live' : version === shadow ? ', the shadow' : ''
  const figures = Object.entries(metrics ?? {}).map(([key, value]) => `${key}=${Number(value.toPrecision(4))}`)
  const rows: [string, string][] = [
    ['directory', dir],
    ['added', `${minute(registered.addedAt)} by ${registered.addedBy}`],
    ['weights', registered.fingerprint],
    ...(sensors === 0 ? [] : [['sensors', `a model for each of ${sensors}`] as [string, string]]),
    ['from', parentText(registered, knownWeights(registry))],
    ...(data === null ? [] : dataRows(data)),
    ...(figures.length === 0 ? [] : [['figures', figures.join(' ')] as [string, string]]),
  ]
  return `${name}@${version}${state}\n${tableText(rows, '  ')}\n${network}\n${auditText(audit)}`
}

function dataRows(data: TrainedOn): [string, string][] {
  const { rows, channels, files, fingerprint } = data
  return [
    ['rows', `${grouped(rows)}, ${spanText(data)}`],
    ['channels', channels.join(', ')],
    ['files', files.join(', ')],
    ['data', `SHA-256 ${fingerprint}`],
  ]
}

/** References by the `name-fingerprint` that cards have. */
function knownWeights(registry: Registry): ReadonlyMap<string, string> {
  const shipped = Object.keys(shippedModels).map((name) => [loadModelFiles(name).fingerprint, name] as const)
  const registered = registry
    .list()
    .flatMap(({ name, versions }) =>
      versions.map(({ version, fingerprint }) => [fingerprint, `${name}@${version}`] as const),
    )
  return new Map([...registered, ...shipped])
}

function parentText({ parent }: RegisteredVersion, known: ReadonlyMap<string, string>): string {
  if (parent === null) return '–'
  return known.get(parent.slice(parent.lastIndexOf('-') + 1)) ?? parent
}

function minute(iso: string): string {
  return `${iso.slice(0, 10)} ${iso.slice(11, 16)}Z`
}

function spanText({ fromMs, toMs }: TrainedOn): string {
  return `${new Date(fromMs).toISOString().slice(0, 10)} to ${new Date(toMs).toISOString().slice(0, 10)}`
}

/** Changes, newest first. */
function auditText(audit: readonly AuditEntry[]): string {
  const shown = audit.slice(-shownChanges).toReversed()
  const rows = shown.map(({ at, by, action, model, version, from, reason }) => {
    const before = from === null || action === 'end-shadow' ? '' : `in place of ${model}@${from}`
    return [minute(at), by, action, version === null ? '' : `${model}@${version}`, before, reason]
  })
  const left = audit.length - shown.length
  return `changes, newest first\n${tableText(rows, '  ')}${left > 0 ? `  and ${left} before; --json has all\n` : ''}`
}

/** Live against shadow. */
export function comparisonText(comparison: ModelComparison): string {
  const { plant, live, shadow, readings, fromMs, toMs, relativeError, alarms, sensors } = comparison
  const span = fromMs === null || toMs === null ? '' : `, ${iso(fromMs)} to ${iso(toMs)}`
  const title = `shadow ${shadow} against live ${live} in ${plant}: ${grouped(readings)} readings that both scored${span}\n`
  if (readings === 0) return title
  const verdict =
    relativeError === null
      ? ''
      : `  mean error of the shadow through that of the live one: ${relativeError.toFixed(3)}\n`
  const head = ['sensor', 'readings', 'error live', 'shadow', 'alarms live', 'shadow', 'told apart']
  const rows = sensors.slice(0, shownSensors).map((one) => {
    const errors = [one.live.meanError, one.shadow.meanError].map((value) => value.toPrecision(4)) as [string, string]
    const alarms = [one.live.alarms, one.shadow.alarms, one.apart].map(String)
    return [one.sensor, grouped(one.readings), ...errors, ...alarms]
  })
  const left = sensors.length - rows.length
  return [
    title,
    verdict,
    `  alarms: live ${alarms.live}, shadow would have raised ${alarms.shadow}\n`,
    tableText([head, ...rows], '  '),
    '  told apart: readings that one of them holds for anomalous and the other does not\n',
    left > 0 ? `  and ${left} sensors more; --json has all\n` : '',
  ].join('')
}

function iso(ms: number): string {
  return new Date(ms).toISOString()
}
