import { connect, type IClientOptions, type MqttClient } from 'mqtt'
import { messageOf, type OperatingError } from '../../base/errors.ts'
import { readSecret } from '../../ports/secret.ts'
import { readTls, type TlsOptions } from '../../ports/tls-files.ts'
import { refusal } from './refusal.ts'

/** How to reach a broker, and as whom. Times in ms. */
export interface ClientOptions {
  readonly url: string
  readonly username?: string | undefined
  readonly password?: string | undefined
  readonly protocolVersion: 4 | 5
  readonly keepAlive: number
  readonly tls?: TlsOptions | undefined
  readonly clientId: string
  /** Keep the session on the broker for so long; null: a clean session. */
  readonly sessionExpiry: number | null
  /** Messages that may wait for our answer (version 5). */
  readonly receiveMaximum?: number | undefined
}

/** What becomes of a connection. Between `up` and the next `up` there is a `down`. */
export interface ClientEvents {
  /** Connected; `sessionPresent`: the broker remembers our session. */
  up(sessionPresent: boolean): void
  /** Not connected, with the reason; the next attempt follows by itself unless the client was ended. */
  down(reason: string): void
  /** The broker refused us in a way that trying again does not change; the client goes on trying until it is ended. */
  refused(error: OperatingError): void
}

const retryInitialMs = 250
const retryMaxMs = 30_000
const sessionTakenOver = 142

/**
 * Opens a connection that reconnects for ever, with backoff and jitter, reading the password anew each time.
 *
 * Errors: `auth` when the password's reference leads nowhere, `connect` when a certificate file cannot be read; what
 * happens on the network comes as events.
 */
export function openClient(options: ClientOptions, events: ClientEvents): MqttClient {
  const client = connect(options.url, { ...libraryOptions(options), manualConnect: true })
  let reason = 'not connected yet'
  let period = retryInitialMs
  client.on('connect', (packet) => {
    period = retryInitialMs
    client.options.reconnectPeriod = retryInitialMs
    events.up(packet.sessionPresent)
  })
  client.on('reconnect', () => {
    period = Math.min(retryMaxMs, period * 2)
    client.options.reconnectPeriod = Math.round(period * (0.75 + Math.random() * 0.5))
    rereadPassword(client.options, options.password)
  })
  client.on('error', (error) => {
    reason = describe(error)
    const refused = refusal(error, options)
    if (refused !== undefined) events.refused(refused)
  })
  client.on('disconnect', (packet) => {
    reason = `the broker closed the connection (reason ${packet.reasonCode})`
    if (packet.reasonCode !== sessionTakenOver) return
    // Two clients with one id throw each other out; without a pause they would do it several times a second.
    reason = `another client uses the client id ${options.clientId}: set clientId`
    client.options.reconnectPeriod = retryMaxMs
  })
  client.on('close', () => {
    events.down(reason)
    reason = 'the connection was lost'
  })
  client.connect()
  return client
}

/** Leaves the broker in good order, keeping the session if it was asked for; after a second, in any order. */
export async function closeClient(client: MqttClient): Promise<void> {
  const timer = setTimeout(() => client.stream.destroy(), 1_000)
  await new Promise<void>((resolve) => client.end(!client.connected, {}, () => resolve()))
  clearTimeout(timer)
}

function libraryOptions(options: ClientOptions): IClientOptions {
  const version5 = options.protocolVersion === 5
  return {
    protocolVersion: options.protocolVersion,
    clientId: options.clientId,
    clean: options.sessionExpiry === null,
    keepalive: Math.max(1, Math.round(options.keepAlive / 1_000)),
    reconnectPeriod: retryInitialMs,
    reconnectOnConnackError: true,
    connectTimeout: 10_000,
    resubscribe: false,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: readSecret(options.password) }),
    ...(version5 ? { properties: version5Properties(options) } : {}),
    ...readTls(options.tls, 'connect'),
  }
}

function version5Properties(options: ClientOptions): NonNullable<IClientOptions['properties']> {
  return {
    sessionExpiryInterval: Math.min(0xffff_ffff, Math.round((options.sessionExpiry ?? 0) / 1_000)),
    ...(options.receiveMaximum === undefined ? {} : { receiveMaximum: options.receiveMaximum }),
  }
}

/** A rotated password is found at the next attempt; one that cannot be read leaves the old one in place. */
function rereadPassword(target: IClientOptions, reference: string | undefined): void {
  if (reference === undefined) return
  try {
    target.password = readSecret(reference)
  } catch {
    return
  }
}

/** Node joins the attempts at several addresses in one error without a message. */
function describe(error: Error): string {
  if (error.message !== '') return error.message
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(', ')
  return 'code' in error ? String(error.code) : error.name
}
