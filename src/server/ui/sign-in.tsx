import { useSignal } from '@preact/signals'
import { signIn, token } from './request.ts'

/** Asks for the token that the server wants; it stays in this tab. */
export function SignIn() {
  const value = useSignal('')
  const submit = (event: Event) => {
    event.preventDefault()
    if (value.value.trim() !== '') signIn(value.value.trim())
  }
  return (
    <form class="sign-in panel" onSubmit={submit}>
      <h1>Sign in</h1>
      <p>This server asks for a token. Whoever runs it has given you one.</p>
      <label for="token">Token</label>
      <input
        id="token"
        type="password"
        autocomplete="current-password"
        required
        value={value}
        aria-describedby="token-note"
        onInput={(event) => {
          value.value = event.currentTarget.value
        }}
      />
      <p id="token-note" class="note" role="status">
        {token.value === null ? 'It is kept in this tab only.' : 'The server does not know this token.'}
      </p>
      <button type="submit" class="primary">
        Sign in
      </button>
    </form>
  )
}
