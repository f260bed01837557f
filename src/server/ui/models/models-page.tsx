import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { ModelsAnswer } from '../../model-schema.ts'
import { formatCount, formatTime } from '../format.ts'
import { ChangeDialog } from './change-dialog.tsx'
import { ComparisonPanel } from './comparison-panel.tsx'
import { loadModels, models, type ShownModel, type WantedChange } from './model-data.ts'
import { VersionTable } from './version-table.tsx'

const everyMs = 5_000
const shownChanges = 12

const actionWords = {
  add: 'registered',
  promote: 'made live',
  rollback: 'rolled back to',
  shadow: 'made the shadow',
  'end-shadow': 'ended as the shadow',
} as const

function useModels() {
  useEffect(() => {
    const abort = new AbortController()
    // A failed request is told by the banner; the next one comes soon.
    const load = () => void loadModels(abort.signal).catch(() => undefined)
    load()
    const timer = setInterval(load, everyMs)
    return () => {
      clearInterval(timer)
      abort.abort()
    }
  }, [])
  return models.value
}

function handoverText({ kept, continued, warmed, warming }: NonNullable<ModelsAnswer['running']['lastChange']>) {
  const parts = [
    [kept, 'kept their state'],
    [continued, 'went on as the shadow had scored them'],
    [warmed, 'were warmed up from recent readings'],
    [warming, 'warm up'],
  ] as const
  const told = parts.filter(([count]) => count > 0).map(([count, text]) => `${formatCount(count)} ${text}`)
  return told.length === 0 ? 'there was no sensor yet' : `sensors: ${told.join(', ')}`
}

function Running({ running }: { running: ModelsAnswer['running'] }) {
  const { model, shadow, follows, problem, lastChange } = running
  return (
    <section class="panel running" aria-label="What runs">
      <p>
        This plant scores with <strong>{model}</strong>
        {shadow === null ? '' : ', and '}
        {shadow !== null && <strong>{shadow}</strong>}
        {shadow === null ? '. ' : ' scores beside it as the shadow. '}
        <span class="note">
          {follows === null
            ? 'It is fixed by the configuration.'
            : `It follows what is live in the registry under ${follows}.`}
        </span>
      </p>
      {lastChange !== null && (
        <p class="note">
          Changed to {lastChange.model} at {formatTime(Date.parse(lastChange.time), Date.now())};{' '}
          {handoverText(lastChange)}.
        </p>
      )}
      {problem !== null && (
        <p class="problem" role="alert">
          The plant does not run what the registry says: {problem}
        </p>
      )}
    </section>
  )
}

function Changes({ model }: { model: ShownModel }) {
  const shown = model.audit.slice(-shownChanges).toReversed()
  return (
    <details class="audit">
      <summary>Changes ({formatCount(model.audit.length)})</summary>
      <ul>
        {shown.map((entry) => (
          <li key={`${entry.at} ${entry.action}`}>
            <span class="cell-time">{formatTime(Date.parse(entry.at), Date.now(), false)}</span>{' '}
            <strong>{`${model.name}@${entry.version}`}</strong> {actionWords[entry.action]} by {entry.by}
            {entry.reason !== '' && <span class="note">: {entry.reason}</span>}
          </li>
        ))}
      </ul>
      {model.audit.length > shown.length && (
        <p class="note">And {formatCount(model.audit.length - shown.length)} before; residua models show has all.</p>
      )}
    </details>
  )
}

function Model({ model, want }: { model: ShownModel; want: (change: WantedChange) => void }) {
  const { name, rollbackTo, comparison } = model
  return (
    <section class="panel model" aria-label={`Model ${name}`}>
      <div class="model-head">
        <h2>{name}</h2>
        {rollbackTo !== null && (
          <button type="button" class="secondary" onClick={() => want({ kind: 'rollback', name, version: rollbackTo })}>
            Roll back to {name}@{rollbackTo}
          </button>
        )}
      </div>
      <VersionTable model={model} want={want} />
      {comparison !== null && <ComparisonPanel name={name} comparison={comparison} />}
      <Changes model={model} />
    </section>
  )
}

function Nothing() {
  return (
    <div class="empty">
      <h2>No model is registered</h2>
      <p>
        A trained model becomes a version here with <code>residua models promote DIRECTORY --name NAME</code>, and the
        plant follows it with <code>defaults: {'{ model: NAME }'}</code> in its configuration.
      </p>
    </div>
  )
}

/** What runs, the versions that there are, how a shadow compares, and who changed what. */
export function ModelsPage() {
  const now = useModels()
  const wanted = useSignal<WantedChange | null>(null)
  const want = (change: WantedChange | null) => {
    wanted.value = change
  }
  return (
    <>
      <h1>Models</h1>
      {now === null ? (
        <div class="panel skeleton tall" aria-busy="true">
          <p class="unseen">Loading models…</p>
        </div>
      ) : (
        <>
          <Running running={now.running} />
          {now.damaged.map((what) => (
            <p key={what} class="panel problem" role="alert">
              {what}
            </p>
          ))}
          {now.registered.length === 0 && now.damaged.length === 0 && <Nothing />}
          {now.registered.map((model) => (
            <Model key={model.name} model={model} want={want} />
          ))}
        </>
      )}
      {wanted.value !== null && <ChangeDialog change={wanted.value} done={() => want(null)} />}
    </>
  )
}
