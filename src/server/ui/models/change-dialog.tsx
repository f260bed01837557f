import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { RequestError } from '../request.ts'
import { changeModel, type WantedChange } from './model-data.ts'

interface Words {
  readonly title: string
  readonly text: string
  readonly button: string
}

function wordsOf({ kind, name, version }: WantedChange): Words {
  const one = `${name}@${version}`
  switch (kind) {
    case 'promote':
      return {
        title: `Make ${one} live?`,
        text: 'Every plant that follows this model scores with it from the next reading on. Sensors keep their state where the networks have one shape, and are warmed up from recent readings where not. It can be rolled back.',
        button: 'Make live',
      }
    case 'rollback':
      return {
        title: `Roll back to ${one}?`,
        text: 'The version that was live before becomes live again, in every plant that follows this model.',
        button: 'Roll back',
      }
    case 'shadow':
      return {
        title: `Let ${one} score as the shadow?`,
        text: 'It sees the same readings as the live model and raises no alarm. This page compares the two.',
        button: 'Start shadow',
      }
    default:
      return { title: `End the shadow ${one}?`, text: 'The live model goes on alone.', button: 'End shadow' }
  }
}

/** Asks once more before a model changes, and why. */
export function ChangeDialog({ change, done }: { change: WantedChange; done: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const reason = useSignal('')
  const busy = useSignal(false)
  const problem = useSignal<string | null>(null)
  const { title, text, button } = wordsOf(change)
  useEffect(() => dialog.current?.showModal(), [])
  const submit = async (event: Event) => {
    event.preventDefault()
    busy.value = true
    problem.value = null
    try {
      await changeModel(change, reason.value.trim())
      done()
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      problem.value = `${error.message}. ${error.hint}`
    } finally {
      busy.value = false
    }
  }
  return (
    <dialog ref={dialog} class="change" aria-labelledby="change-title" onClose={done}>
      <form onSubmit={submit}>
        <h2 id="change-title">{title}</h2>
        <p>{text}</p>
        <label for="change-reason">Why (kept in the audit log)</label>
        <input
          id="change-reason"
          type="text"
          maxLength={500}
          value={reason}
          onInput={(event) => {
            reason.value = event.currentTarget.value
          }}
        />
        {problem.value !== null && (
          <p class="problem" role="alert">
            {problem}
          </p>
        )}
        <div class="change-buttons">
          <button type="button" class="secondary" onClick={done}>
            Cancel
          </button>
          <button type="submit" class="primary" disabled={busy}>
            {busy.value ? 'Changing…' : button}
          </button>
        </div>
      </form>
    </dialog>
  )
}
