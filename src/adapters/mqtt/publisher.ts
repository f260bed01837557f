import type { MqttClient } from 'mqtt'
import { OperatingError } from '../../base/errors.ts'
import { type ClientEvents, type ClientOptions, closeClient, openClient } from './client.ts'

/** One message to publish. */
export interface Outgoing {
  readonly topic: string
  readonly payload: string
  readonly retain: boolean
}

/** Messages that wait for the broker's answer at once, unless the broker allows fewer. */
const windowMessages = 1_000

/**
 * Publishes batches and resolves when the broker confirmed every message (QoS 0: when they were written).
 *
 * Nothing is queued for a broker that is away: the batch fails at once and the runtime keeps it. A lost connection
 * forgets what was under way, so that an old message is never sent again after a newer one.
 */
export class Publisher {
  readonly #client: MqttClient
  readonly #qos: 0 | 1 | 2
  readonly #timeoutMs: number
  /** Why nothing can be written, while there is no connection. */
  #down = new OperatingError('unreachable', 'not connected yet')
  /** The refusal came before the end of its connection, and says more. */
  #refused = false

  constructor(options: ClientOptions, qos: 0 | 1 | 2, timeoutMs: number, events: ClientEvents) {
    this.#qos = qos
    this.#timeoutMs = timeoutMs
    this.#client = openClient(options, {
      up: (sessionPresent) => {
        events.up(sessionPresent)
      },
      down: (reason) => {
        if (!this.#refused) this.#down = new OperatingError('unreachable', `${options.url}: ${reason}`)
        this.#refused = false
        this.#forget()
        events.down(reason)
      },
      refused: (error) => {
        // A password that is being replaced must not cost an alarm: this is tried again.
        this.#down = error.code === 'auth' ? new OperatingError('denied', error.message) : error
        this.#refused = true
        events.refused(error)
      },
    })
  }

  /** Errors: `unreachable` without a connection, `timeout` without an answer, `rejected` when the broker refuses a message. */
  async publish(messages: readonly Outgoing[]): Promise<void> {
    if (!this.#client.connected) throw this.#down
    const window = Math.min(windowMessages, this.#client.serverProperties?.receiveMaximum ?? windowMessages)
    const timer = setTimeout(() => this.#client.stream.destroy(), this.#timeoutMs)
    const started = performance.now()
    let next = 0
    const lane = async () => {
      for (let message = messages[next++]; message !== undefined; message = messages[next++]) await this.#one(message)
    }
    try {
      await Promise.all(Array.from({ length: Math.min(window, messages.length) }, lane))
    } catch (error) {
      next = messages.length
      if (performance.now() - started < this.#timeoutMs) throw error
      throw new OperatingError('timeout', `the broker did not confirm within ${this.#timeoutMs} ms`, { cause: error })
    } finally {
      clearTimeout(timer)
    }
  }

  async close(): Promise<void> {
    this.#forget()
    await closeClient(this.#client)
  }

  #one(message: Outgoing): Promise<void> {
    const { topic, payload, retain } = message
    return new Promise((resolve, reject) => {
      if (!this.#client.connected) {
        reject(this.#down)
        return
      }
      this.#client.publish(topic, payload, { qos: this.#qos, retain }, (error) => {
        if (error === null || error === undefined) resolve()
        else if (error.message.startsWith('Publish error')) {
          reject(new OperatingError('rejected', `the broker refused ${topic}: ${error.message}`, { cause: error }))
        } else
          reject(
            this.#client.connected ? new OperatingError('unreachable', error.message, { cause: error }) : this.#down,
          )
      })
    })
  }

  #forget(): void {
    for (const id of Object.keys(this.#client.outgoing)) this.#client.removeOutgoingMessage(Number(id))
  }
}
