import { accessSync, constants, existsSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { dirname } from 'node:path'
import { errorTable, messageOf, OperatingError } from '../base/errors.ts'

/** Milliseconds after which a system that does not answer counts as not reachable. */
export const probeTimeoutMs = 5_000

/** What `check` found of one source, sink or dead-letter sink. */
export interface ProbeResult {
  readonly kind: 'source' | 'sink' | 'deadLetter' | 'history' | 'state'
  readonly name: string
  readonly type: string
  readonly ok: boolean
  readonly detail: string
  /** What to do about it. */
  readonly fix?: string
}

interface Address {
  readonly host: string
  readonly port: number
}

const defaultPorts: Readonly<Record<string, number>> = {
  'mqtt:': 1883,
  'mqtts:': 8883,
  'ws:': 80,
  'wss:': 443,
  'http:': 80,
  'https:': 443,
}

function ofUrl(text: string): Address | undefined {
  if (!URL.canParse(text)) return undefined
  const url = new URL(text)
  const port = url.port === '' ? defaultPorts[url.protocol] : Number(url.port)
  return port === undefined ? undefined : { host: url.hostname.replace(/^\[(.*)\]$/, '$1'), port }
}

function ofBroker(text: string): Address | undefined {
  const match = /^\[?(.+?)\]?:(\d+)$/.exec(text)
  return match === null ? undefined : { host: match[1]!, port: Number(match[2]) }
}

/** The network addresses that the options of a source or sink name: `url` or `brokers`. */
export function addressesOf(options: unknown): readonly Address[] {
  const { url, brokers } = options as { url?: unknown; brokers?: unknown }
  const named = [
    ...(typeof url === 'string' ? [ofUrl(url)] : []),
    ...(Array.isArray(brokers) ? brokers.map((broker) => ofBroker(String(broker))) : []),
  ]
  return named.filter((address) => address !== undefined)
}

function tcpConnect({ host, port }: Address): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port })
    socket.setTimeout(probeTimeoutMs, () =>
      socket.destroy(Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })),
    )
    socket.once('connect', () => {
      socket.destroy()
      resolve()
    })
    socket.once('error', reject)
  })
}

const fixes: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there: start the server, or correct the port',
  ENOTFOUND: 'the name is not known: correct the host, or the name server of this machine',
  EAI_AGAIN: 'the name server does not answer: check the network of this machine',
  ETIMEDOUT: 'a firewall on the way, or a wrong address',
  EHOSTUNREACH: 'no way to this host: check the network of this machine',
  ENETUNREACH: 'no way to this network: check the network of this machine',
  ECONNRESET: 'the server closed the connection: with TLS on one side only, use mqtts:// or https://',
  ENOENT: 'make the file or folder, or correct the path',
  EACCES: 'give this user the right to it, or correct the path',
}

/** What to do about an error: by the system's code in it, its cause or its text, else by the row of the error table. */
function fixOf(error: unknown): string | undefined {
  const cause = error instanceof Error ? error.cause : undefined
  const codes = [error, cause].map((from) => (from as NodeJS.ErrnoException | null | undefined)?.code)
  const named = [...codes, /\bE[A-Z_]{5,}\b/.exec(messageOf(error))?.[0]]
  const known = named.find((code) => code !== undefined && Object.hasOwn(fixes, code))
  if (known !== undefined) return fixes[known]
  return error instanceof OperatingError ? errorTable[error.code].text : undefined
}

async function probeAddresses(addresses: readonly Address[]): Promise<string> {
  const outcomes = await Promise.allSettled(addresses.map(tcpConnect))
  const names = addresses.map(({ host, port }) => `${host}:${port}`)
  const failed = outcomes.flatMap((outcome, index) =>
    outcome.status === 'rejected' ? [{ name: names[index]!, error: outcome.reason as unknown }] : [],
  )
  if (failed.length === 0) return `${names.join(', ')} accepts connections`
  // One broker of several is enough to begin with; the others are named all the same.
  const reached = names.length - failed.length
  const text = failed.map(({ name, error }) => `${name}: ${messageOf(error)}`).join('; ')
  if (reached > 0) return `${reached} of ${names.length} brokers accept connections; ${text}`
  throw new Error(text, { cause: failed[0]!.error })
}

function probePath(path: string, writes: boolean): string {
  if (!writes) {
    accessSync(path, constants.R_OK)
    return `${path} can be read`
  }
  let place = path
  while (!existsSync(place) && dirname(place) !== place) place = dirname(place)
  accessSync(place, constants.W_OK)
  return `${path} can be ${existsSync(path) && statSync(path).isFile() ? 'appended to' : 'written'}`
}

/** Tries what the options of a source or sink name, in the way that is left when it has no `check` of its own. */
async function probeOptions(options: unknown, writes: boolean): Promise<string> {
  const addresses = addressesOf(options)
  if (addresses.length > 0) return probeAddresses(addresses)
  const { path, paths, scores, alarms, type } = options as Record<string, unknown>
  const named = type === 'file' || type === 'lmdb' ? [path, paths, scores, alarms].flat() : []
  const files = named.filter((file) => typeof file === 'string')
  if (files.length === 0) return 'nothing to connect to'
  return files.map((file) => probePath(file, writes)).join(', ')
}

/** A source or sink to try: its own `check`, where it has one. */
export interface Probed {
  readonly kind: ProbeResult['kind']
  readonly name: string
  readonly type: string
  readonly options: unknown
  readonly part?: { check?(): Promise<string> } | undefined
}

/** Tries one connection; never throws, and answers within `probeTimeoutMs`. */
export async function probe({ kind, name, type, options, part }: Probed): Promise<ProbeResult> {
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<never>((_, reject) => {
    const late = (): void => reject(Object.assign(new Error(`no answer within 5 s`), { code: 'ETIMEDOUT' }))
    timer = setTimeout(late, probeTimeoutMs)
  })
  try {
    const tried =
      part?.check === undefined ? probeOptions(options, kind !== 'source' && kind !== 'history') : part.check()
    return { kind, name, type, ok: true, detail: await Promise.race([tried, timeout]) }
  } catch (error) {
    const fix = fixOf(error)
    return { kind, name, type, ok: false, detail: messageOf(error), ...(fix === undefined ? {} : { fix }) }
  } finally {
    clearTimeout(timer)
  }
}
