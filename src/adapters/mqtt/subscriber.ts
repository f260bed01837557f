import type { MqttClient } from 'mqtt'
import { assert } from '../../base/assert.ts'
import { OperatingError } from '../../base/errors.ts'
import { type ClientEvents, type ClientOptions, closeClient, openClient } from './client.ts'
import { type HeldMessage, HeldMessages } from './held-messages.ts'

/** What a subscriber tells its owner. */
export interface SubscriberEvents extends Omit<ClientEvents, 'up'> {
  /** Connected and subscribed. `granted` lists filters that the broker gave a lower QoS, with that QoS. */
  up(granted: readonly string[]): void
  /** A new message; `held` is null for QoS 0, which nobody acknowledges. Repeats of held messages do not come here. */
  message(topic: string, payload: Uint8Array, held: HeldMessage | null): void
  /** False: nothing more is read from the connection until `resume()`. */
  hasRoom(): boolean
}

/** What to subscribe to. */
export interface Subscription {
  readonly topics: readonly string[]
  readonly qos: 0 | 1 | 2
  /** Version 3.1.1 brokers know no receive maximum: reading stops beyond so many unanswered messages. */
  readonly inflight: number
}

type Continue = () => void

/** The private method of mqtt.js through which its handlers answer PUBLISH and PUBREL. */
interface Answers {
  _sendPacket(packet: Answer, done?: Continue): void
}

type Answer = { readonly cmd: string; readonly messageId?: number; readonly reasonCode?: number }

/**
 * A subscription that hands over messages at once and answers them later.
 *
 * mqtt.js answers PUBLISH itself as soon as `handleMessage` returns, and delaying that stops its whole stream, one
 * message at a time. So its PUBACK and PUBREC are taken out of `_sendPacket` here and sent by `acknowledge`, in the order
 * that MQTT asks for. QoS 2 is handed over on PUBLISH, with PUBREC held; PUBREL is then answered by mqtt.js with PUBCOMP
 * without handing over again. Written against mqtt 5.16; `_sendPacket` is checked for at start.
 */
export class Subscriber {
  readonly #client: MqttClient
  readonly #events: SubscriberEvents
  readonly #subscription: Subscription
  readonly #held = new HeldMessages()
  readonly #send: (packet: Answer, done?: Continue) => void
  #subscribed = false
  #blocked: Continue | undefined
  #pinging: NodeJS.Timeout | undefined
  #closing = false

  constructor(options: ClientOptions, subscription: Subscription, events: SubscriberEvents) {
    this.#events = events
    this.#subscription = subscription
    this.#client = openClient(options, {
      up: (sessionPresent) => this.#connected(sessionPresent),
      down: (reason) => this.#disconnected(reason),
      refused: (error) => events.refused(error),
    })
    this.#client.options.customHandleAcks = (topic, payload, packet, done) => {
      assert(packet.messageId !== undefined && packet.qos !== 0, 'a message with QoS has an id')
      this.#receive(topic, payload, packet.messageId, packet.qos, packet.dup)
      // The code 0 means success: the answer then passes through `_sendPacket`, where it is held.
      this.#continue(() => done(0))
    }
    this.#client.handleMessage = (packet, done) => {
      if (packet.cmd === 'publish' && packet.qos === 0) {
        this.#events.message(packet.topic, bytesOf(packet.payload), null)
        this.#continue(() => done())
      } else done()
    }
    this.#send = this.#interceptAnswers()
  }

  /** The pipeline has these messages: they are answered as soon as everything received before them is. */
  acknowledge(messages: readonly HeldMessage[]): void {
    for (const message of messages) message.done = true
    this.#answer()
  }

  /** There is room again: reading goes on. */
  resume(): void {
    if (this.#blocked === undefined || !this.#mayContinue()) return
    const next = this.#blocked
    this.#blocked = undefined
    clearInterval(this.#pinging)
    next()
  }

  async close(): Promise<void> {
    this.#closing = true
    this.resume()
    await closeClient(this.#client)
  }

  #connected(sessionPresent: boolean): void {
    if (!sessionPresent) this.#held.sessionLost()
    if (sessionPresent && this.#subscribed) {
      this.#events.up([])
      return
    }
    const { topics, qos } = this.#subscription
    // rh 1: retained messages come only with a new subscription, not at every start.
    this.#client.subscribe([...topics], { qos, rh: 1 }, (error, granted) => {
      if (this.#closing || !this.#client.connected) return
      if (error !== null && error !== undefined) {
        if (error.message === 'Connection closed') return
        const text = `the broker refused to subscribe to ${topics.join(', ')}: ${error.message}`
        this.#events.refused(new OperatingError('subscribe', text, { cause: error }))
        return
      }
      this.#subscribed = true
      this.#events.up((granted ?? []).filter((row) => row.qos < qos).map((row) => `${row.topic} QoS ${row.qos}`))
    })
  }

  #disconnected(reason: string): void {
    this.#held.disconnected()
    this.#events.down(reason)
    this.resume()
  }

  #receive(topic: string, payload: Uint8Array, messageId: number, qos: 1 | 2, dup: boolean): void {
    if (this.#closing) return
    const { message, repeated } = this.#held.receive(messageId, qos, topic, payload, dup)
    if (!repeated) this.#events.message(topic, payload, message)
    else if (message.done) this.#answer()
  }

  #answer(): void {
    if (!this.#client.connected) return
    const { stream } = this.#client
    stream.cork()
    this.#held.answer(({ messageId, qos }) =>
      this.#send({ cmd: qos === 1 ? 'puback' : 'pubrec', messageId, reasonCode: 0 }),
    )
    stream.uncork()
    this.resume()
  }

  #interceptAnswers(): (packet: Answer, done?: Continue) => void {
    const answers = this.#client as unknown as Answers
    assert(typeof answers._sendPacket === 'function', 'this version of mqtt.js answers in another way')
    const original = answers._sendPacket.bind(this.#client)
    answers._sendPacket = (packet, done) => {
      if (packet.cmd === 'puback' || packet.cmd === 'pubrec') {
        done?.()
        return
      }
      if (packet.cmd === 'pubcomp') {
        this.#held.release(packet.messageId!)
        // Without a connection mqtt.js would keep it and send it on the next one, where the id may be another message's.
        if (!this.#client.connected) {
          done?.()
          return
        }
      }
      original(packet, done)
    }
    return original
  }

  #mayContinue(): boolean {
    if (this.#closing || !this.#client.connected) return true
    return this.#held.unanswered <= this.#subscription.inflight && this.#events.hasRoom()
  }

  /** Goes on with the stream, or keeps it waiting; meanwhile pings keep both sides from giving the connection up. */
  #continue(next: Continue): void {
    if (this.#mayContinue()) {
      next()
      return
    }
    this.#blocked = next
    const ping = () => {
      this.#client.reschedulePing(true)
      if (this.#client.connected) this.#client.sendPing()
    }
    this.#pinging = setInterval(ping, (this.#client.options.keepalive ?? 30) * 400)
  }
}

function bytesOf(payload: string | Buffer): Uint8Array {
  return typeof payload === 'string' ? Buffer.from(payload) : payload
}
