import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { RequestError } from './request.ts'

/** Asks once more before something changes, and why; `change` makes the change, `done` hears that the dialog goes. */
export function ReasonDialog({
  title,
  text,
  button,
  kept,
  change,
  done,
}: {
  title: string
  text: string
  button: string
  /** Where the reason is kept, in words. */
  kept: string
  change: (reason: string) => Promise<void>
  done: () => void
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const reason = useSignal('')
  const busy = useSignal(false)
  const problem = useSignal<string | null>(null)
  useEffect(() => dialog.current?.showModal(), [])
  const submit = async (event: Event) => {
    event.preventDefault()
    busy.value = true
    problem.value = null
    try {
      await change(reason.value.trim())
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
        <label for="change-reason">Why (kept in {kept})</label>
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
