import { signal } from '@preact/signals'

const key = 'residua-token'

/** The token of this tab, when the server asks for one. */
export const token = signal<string | null>(sessionStorage.getItem(key))

/** Whether the server refused to answer without a (better) token. */
export const signInNeeded = signal(false)

/** An answer that is no answer: the server's own code and words, or `network`. */
export class RequestError extends Error {
  readonly code: string
  readonly hint: string
  override readonly name = 'RequestError'

  constructor(code: string, message: string, hint: string) {
    super(message)
    this.code = code
    this.hint = hint
  }
}

/** Keeps a token for this tab and tries again with it. */
export function signIn(value: string): void {
  sessionStorage.setItem(key, value)
  token.value = value
  signInNeeded.value = false
}

/** Forgets the token. */
export function signOut(): void {
  sessionStorage.removeItem(key)
  token.value = null
  signInNeeded.value = true
}

async function errorOf(response: Response): Promise<RequestError> {
  const body: unknown = await response.json().catch(() => null)
  const error = (body as { error?: { code?: string; message?: string; hint?: string } } | null)?.error
  return new RequestError(
    error?.code ?? String(response.status),
    error?.message ?? `the server answered ${response.status}`,
    error?.hint ?? '',
  )
}

/** Asks the server, with the token when there is one. Errors: `RequestError`. */
export async function ask(path: string, init: RequestInit = {}): Promise<Response> {
  const headers = token.value === null ? {} : { authorization: `Bearer ${token.value}` }
  let response: Response
  try {
    response = await fetch(path, { ...init, headers })
  } catch (cause) {
    if (init.signal?.aborted) throw cause
    throw new RequestError('network', 'the server cannot be reached', 'trying again')
  }
  if (response.ok) return response
  if (response.status === 401) signInNeeded.value = true
  throw await errorOf(response)
}

/** Asks for JSON. */
export async function askJson<T>(path: string, init?: RequestInit): Promise<T> {
  return (await ask(path, init)).json() as Promise<T>
}
