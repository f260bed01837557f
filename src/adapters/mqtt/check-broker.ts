import { OperatingError } from '../../base/errors.ts'
import { type ClientOptions, closeClient, openClient } from './client.ts'

/**
 * Connects once with the credentials and leaves again; no session is touched, because the client id is another one.
 *
 * Errors: `auth` or `connect`, as the broker or the network said at the first attempt.
 */
export async function checkBroker(options: Omit<ClientOptions, 'clientId' | 'sessionExpiry'>): Promise<string> {
  let client: ReturnType<typeof openClient> | undefined
  try {
    await new Promise<void>((resolve, reject) => {
      const identity = { clientId: `residua-check-${process.pid}`, sessionExpiry: null, receiveMaximum: undefined }
      client = openClient(
        { ...options, ...identity },
        {
          up: () => resolve(),
          down: (reason) => reject(new OperatingError('connect', `${options.url}: ${reason}`)),
          refused: reject,
        },
      )
    })
    return `${options.url} lets us in`
  } finally {
    if (client !== undefined) await closeClient(client)
  }
}
