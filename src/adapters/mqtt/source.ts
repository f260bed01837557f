import { createDecoder } from '../../codec/decoder.ts'
import type { Decoder, RawRecord } from '../../domain/record.ts'
import type { SourceAdapter } from '../../ports/adapter.ts'
import type { Source, SourceContext } from '../../ports/source.ts'
import { checkBroker } from './check-broker.ts'
import type { HeldMessage } from './held-messages.ts'
import { type MqttSourceOptions, mqttSourceOptions } from './options.ts'
import { Subscriber } from './subscriber.ts'

/** Messages of one delivery at most. */
const deliveryRecords = 1_000
/** Messages that may wait for the runtime before the connection is left unread. */
const waitingRecords = 4_000

/**
 * Readings from an MQTT broker, acknowledged (PUBACK, PUBREC) when sinks and state have them.
 *
 * Messages that arrive together form one delivery. What was not acknowledged when the process ends comes again from the
 * broker, if the session is persistent; messages of QoS 0 are acknowledged by nobody and may be lost.
 */
class MqttSource implements Source {
  readonly name: string
  readonly decoder: Decoder
  readonly #options: MqttSourceOptions
  #context!: SourceContext
  #subscriber: Subscriber | undefined
  #records: RawRecord[] = []
  /** Beside each record: what to acknowledge for it, null for QoS 0. */
  #held: (HeldMessage | null)[] = []
  #pumping = false
  #stopped = false

  constructor(name: string, options: MqttSourceOptions) {
    this.name = name
    this.#options = options
    this.decoder = createDecoder(options.codec, { path: options.path, topics: true })
  }

  start(context: SourceContext): Promise<void> {
    this.#context = context
    return new Promise((resolve) => {
      this.#subscriber = this.#subscribe(resolve)
    })
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#records = []
    this.#held = []
  }

  async close(): Promise<void> {
    this.#stopped = true
    await this.#subscriber?.close()
  }

  check(): Promise<string> {
    return checkBroker(this.#options)
  }

  #subscribe(settled: () => void): Subscriber {
    const { topics, qos, inflight, persistent, sessionExpiry, clientId, ...options } = this.#options
    const { log } = this.#context
    const client = {
      ...options,
      clientId: clientId ?? `residua-${this.name}`,
      sessionExpiry: persistent ? sessionExpiry : null,
      receiveMaximum: inflight,
    }
    const subscriber = new Subscriber(
      client,
      { topics, qos, inflight },
      {
        up: (granted) => {
          if (granted.length > 0)
            log.warn({ source: this.name, granted }, 'the broker grants a lower QoS than was asked for')
          this.#context.connected(true)
          settled()
        },
        down: (reason) => {
          if (this.#stopped) return
          this.#context.connected(false, reason)
          settled()
        },
        refused: (error) => {
          if (this.#stopped) return
          this.#stopped = true
          this.#context.connected(false, error.message)
          this.#context.failed(error)
          settled()
          // Closed after mqtt.js is done with the packet at hand.
          setImmediate(() => void subscriber.close())
        },
        message: (topic, payload, held) => this.#take(topic, payload, held),
        hasRoom: () => !this.#stopped && this.#records.length < waitingRecords,
      },
    )
    return subscriber
  }

  #take(topic: string, bytes: Uint8Array, held: HeldMessage | null): void {
    if (this.#stopped) return
    this.#records.push({ bytes, topic, key: null, arrivalMs: this.#context.clock.now() })
    this.#held.push(held)
    if (this.#pumping) return
    this.#pumping = true
    // Packets of one network read arrive in one turn of the event loop: they become one delivery.
    setImmediate(() => void this.#pump())
  }

  async #pump(): Promise<void> {
    const subscriber = this.#subscriber!
    while (this.#records.length > 0 && !this.#stopped) {
      const records = this.#records.splice(0, deliveryRecords)
      const held = this.#held.splice(0, deliveryRecords).filter((message) => message !== null)
      await this.#context.deliver({
        records,
        positions: {},
        acknowledge: () => subscriber.acknowledge(held),
      })
      subscriber.resume()
    }
    this.#pumping = false
  }
}

/** The registry's row of the MQTT source. */
export const mqttSource: SourceAdapter<MqttSourceOptions> = {
  type: 'mqtt',
  options: mqttSourceOptions,
  create: (name, options) => new MqttSource(name, options),
}
