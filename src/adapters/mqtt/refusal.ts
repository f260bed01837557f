import { OperatingError } from '../../base/errors.ts'

/** Reason codes of CONNACK that a new attempt does not change, with what to do (3.1.1: 1 to 5; 5: from 128). */
const refusals: Readonly<Record<number, { readonly code: 'auth' | 'connect'; readonly text: string }>> = {
  1: { code: 'connect', text: 'the broker does not speak this version of MQTT: set protocolVersion: 4' },
  2: { code: 'connect', text: 'the broker does not accept the client id: set another clientId' },
  4: { code: 'auth', text: 'the broker refused the user name or password' },
  5: { code: 'auth', text: 'the broker does not authorise this client: check username, password and client id' },
  132: { code: 'connect', text: 'the broker does not speak this version of MQTT: set protocolVersion: 4' },
  133: { code: 'connect', text: 'the broker does not accept the client id: set another clientId' },
  134: { code: 'auth', text: 'the broker refused the user name or password' },
  135: { code: 'auth', text: 'the broker does not authorise this client: check username, password and client id' },
  138: { code: 'auth', text: 'the broker has banned this client' },
  140: { code: 'auth', text: 'the broker wants another method of authentication' },
}

/** The final error behind a refused connection, or undefined where trying again may help. */
export function refusal(error: Error, options: { readonly url: string }): OperatingError | undefined {
  if (!error.message.startsWith('Connection refused') || !('code' in error)) return undefined
  const row = refusals[Number(error.code)]
  return row === undefined ? undefined : new OperatingError(row.code, `${options.url}: ${row.text}`, { cause: error })
}
