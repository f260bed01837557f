import { OperatingError } from '../../base/errors.ts'
import { type LinePrecision, LineProtocolDecoder, linePrecisions } from '../../codec/line-protocol.ts'
import type { RawRecord } from '../../domain/record.ts'
import type { Ingress, WriteResult } from '../../ports/ingress.ts'
import type { Source, SourceContext } from '../../ports/source.ts'
import type { HttpOptions } from './options.ts'

/** A record of this source carries its request's precision as the key, so that a dead letter can be decoded again. */
function precisionOf(record: RawRecord): LinePrecision | undefined {
  return linePrecisions.find((precision) => precision === record.key)
}

/**
 * Readings that are posted to the server as line protocol: `write` answers when sinks and state have them.
 *
 * It keeps no positions: whoever got no answer, or a 503, sends again, and readings that were taken already are
 * recognised as duplicates by their event time.
 */
export class HttpSource implements Source, Ingress {
  readonly name: string
  readonly decoder = new LineProtocolDecoder({ precision: 'ns', precisionOf })
  readonly #inFlightMax: number
  /** How to refuse each request that still waits. */
  readonly #waiting = new Set<(error: OperatingError) => void>()
  #context: SourceContext | undefined
  #inFlight = 0

  constructor(name: string, options: HttpOptions) {
    this.name = name
    this.#inFlightMax = options.inFlight
  }

  async start(context: SourceContext): Promise<void> {
    this.#context = context
    context.connected(true)
  }

  async stop(): Promise<void> {
    this.#context = undefined
  }

  async close(): Promise<void> {
    for (const refuse of this.#waiting) refuse(new OperatingError('busy', 'the process stopped: send the lines again'))
  }

  async write(body: Uint8Array, options: { readonly precision: LinePrecision }): Promise<WriteResult> {
    const context = this.#context
    if (context === undefined) throw new OperatingError('busy', 'readings are not taken now: starting or stopping')
    if (this.#inFlight + body.byteLength > this.#inFlightMax) {
      throw new OperatingError('busy', `${this.#inFlight} bytes wait for sinks and state, more are not taken now`)
    }
    this.#inFlight += body.byteLength
    try {
      return await this.#deliver(context, body, options.precision)
    } finally {
      this.#inFlight -= body.byteLength
    }
  }

  #deliver(context: SourceContext, body: Uint8Array, precision: LinePrecision): Promise<WriteResult> {
    return new Promise((resolve, reject) => {
      let result: WriteResult = { accepted: 0, rejected: [] }
      const settle = (): void => void this.#waiting.delete(refuse)
      const refuse = (error: unknown): void => {
        settle()
        reject(error)
      }
      this.#waiting.add(refuse)
      const delivery = {
        records: [{ bytes: body, topic: '', key: precision, arrivalMs: context.clock.now() }],
        positions: {},
        decoded: (accepted: number, rejected: WriteResult['rejected']) => {
          result = { accepted, rejected }
        },
        acknowledge: () => {
          settle()
          resolve(result)
        },
        abandon: () => refuse(new OperatingError('busy', 'the process stops: send the lines again')),
      }
      context.deliver(delivery).catch(refuse)
    })
  }
}
