import { formatCount, formatTime } from '../format.ts'
import type { ShownModel, ShownVersion, WantedChange } from './model-data.ts'

type Want = (change: WantedChange) => void

function State({ model, version }: { model: ShownModel; version: number }) {
  const word = version === model.live ? 'live' : version === model.shadow ? 'shadow' : null
  if (word === null) return null
  return (
    <span class="version-state" data-state={word}>
      {word === 'live' ? 'Live' : 'Shadow'}
    </span>
  )
}

function Actions({ model, version, want }: { model: ShownModel; version: number; want: Want }) {
  const { name, live, shadow } = model
  if (version === live) return <span class="note">runs</span>
  const one = `${name}@${version}`
  const ask = (kind: WantedChange['kind']) => () => want({ kind, name, version })
  return (
    <span class="version-actions">
      <button type="button" class="secondary" aria-label={`Make ${one} live`} onClick={ask('promote')}>
        Make live
      </button>
      {version === shadow ? (
        <button type="button" class="secondary" aria-label={`End the shadow ${one}`} onClick={ask('end-shadow')}>
          End shadow
        </button>
      ) : (
        <button type="button" class="secondary" aria-label={`Let ${one} score as the shadow`} onClick={ask('shadow')}>
          Shadow
        </button>
      )}
    </span>
  )
}

/** The weights that a version was tuned from, as a version of the same model where it is one. */
function parentOf({ parent }: ShownVersion, { name, versions }: ShownModel): string {
  if (parent === null) return '–'
  const known = versions.find(({ fingerprint }) => parent.endsWith(fingerprint))
  return known === undefined ? parent.replace(/-[0-9a-f]{16}$/, '') : `${name}@${known.version}`
}

function Row({ one, model, want }: { one: ShownVersion; model: ShownModel; want: Want }) {
  const error = one.metrics?.['relativeError']
  return (
    <tr>
      <td data-label="Version" class="cell-version">
        <strong>{`${model.name}@${one.version}`}</strong> <State model={model} version={one.version} />
      </td>
      <td data-label="Added" class="cell-time">
        {formatTime(Date.parse(one.addedAt), Date.now(), false)}
        <span class="note"> by {one.addedBy}</span>
      </td>
      <td data-label="Learned from">
        {one.data === null ? '–' : `${formatCount(one.data.rows)} rows`}
        {one.data !== null && <span class="note">{` of ${one.data.channels.slice(0, 3).join(', ')}`}</span>}
      </td>
      <td data-label="Tuned from">{parentOf(one, model)}</td>
      <td data-label="Error" class="cell-number">
        <span class="number">{error === undefined ? '–' : error.toFixed(3)}</span>
      </td>
      <td data-label="Weights" class="cell-weights">
        <code>{one.fingerprint.slice(0, 8)}</code>
      </td>
      <td class="cell-actions">
        <Actions model={model} version={one.version} want={want} />
      </td>
    </tr>
  )
}

/** The versions of a model, newest first; cards where there is no room for a table. */
export function VersionTable({ model, want }: { model: ShownModel; want: Want }) {
  return (
    <table class="model-table">
      <caption class="unseen">Versions of {model.name}, newest first</caption>
      <thead>
        <tr>
          <th scope="col">Version</th>
          <th scope="col">Added</th>
          <th scope="col">Learned from</th>
          <th scope="col">Tuned from</th>
          <th scope="col" class="cell-number">
            <abbr title="Mean error one step ahead through that of repeating the last value, on the test part">
              Error
            </abbr>
          </th>
          <th scope="col">Weights</th>
          <th scope="col">
            <span class="unseen">Change</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {model.versions.toReversed().map((one) => (
          <Row key={one.version} one={one} model={model} want={want} />
        ))}
      </tbody>
    </table>
  )
}
