/** A message that was received and not yet answered for good. */
export interface HeldMessage {
  readonly messageId: number
  readonly qos: 1 | 2
  readonly topic: string
  readonly payload: Uint8Array
  /** The pipeline has it: sinks and state took what came of it. */
  done: boolean
}

/** What a received message is: new, or one that this process holds already and must not take twice. */
export type Received = { readonly message: HeldMessage; readonly repeated: boolean }

/**
 * The receiving half of MQTT's delivery state: which messages wait for PUBACK (QoS 1) or PUBREC (QoS 2), in which order
 * they must be answered, and which ids of QoS 2 are not yet released.
 *
 * A message is answered only on the connection that brought it last: after a reconnect the broker sends again what we
 * did not answer, with the same id, and the message in our hands is then recognised by id and content instead of being
 * taken twice. Ids that the broker does not bring up again are never answered, so no stale id can hit a new message.
 *
 * Source: MQTT 5.0 §4.3 and §4.6; 3.1.1 says the same.
 */
export class HeldMessages {
  readonly #byId = new Map<number, HeldMessage>()
  /** Messages received on the present connection and not answered on it, oldest first, by QoS. */
  readonly #order = { 1: new Queue(), 2: new Queue() }

  /** Messages of the present connection that are not answered. */
  get unanswered(): number {
    return this.#order[1].size + this.#order[2].size
  }

  receive(messageId: number, qos: 1 | 2, topic: string, payload: Uint8Array, dup: boolean): Received {
    const known = this.#byId.get(messageId)
    // For QoS 2 the id alone says that it is the same message until PUBREL; some brokers forget the DUP flag.
    if (known !== undefined && known.qos === qos && (dup || qos === 2) && isSame(known, topic, payload)) {
      this.#order[qos].pushOnce(known)
      return { message: known, repeated: true }
    }
    const message: HeldMessage = { messageId, qos, topic, payload, done: false }
    this.#byId.set(messageId, message)
    this.#order[qos].push(message)
    return { message, repeated: false }
  }

  /** Answers, in the order of receipt, what is done up to the first message that is not. */
  answer(send: (message: HeldMessage) => void): void {
    for (const qos of [1, 2] as const) {
      for (let head = this.#order[qos].head; head?.done === true; head = this.#order[qos].head) {
        this.#order[qos].shift()
        if (qos === 1 && this.#byId.get(head.messageId) === head) this.#byId.delete(head.messageId)
        send(head)
      }
    }
  }

  /** The broker released an id of QoS 2 (PUBREL): a later message with this id is a new one. */
  release(messageId: number): void {
    if (this.#byId.get(messageId)?.qos === 2) this.#byId.delete(messageId)
  }

  /** The connection is gone: nothing may be answered until the broker brings it up again. */
  disconnected(): void {
    this.#order[1].clear()
    this.#order[2].clear()
  }

  /** The broker has no session of ours: every id is free again. */
  sessionLost(): void {
    this.disconnected()
    this.#byId.clear()
  }
}

function isSame(known: HeldMessage, topic: string, payload: Uint8Array): boolean {
  return known.topic === topic && Buffer.compare(known.payload, payload) === 0
}

/** A queue whose `shift` does not move the rest: thousands of messages are in flight. */
class Queue {
  #items: HeldMessage[] = []
  #first = 0

  get size(): number {
    return this.#items.length - this.#first
  }

  get head(): HeldMessage | undefined {
    return this.#items[this.#first]
  }

  push(message: HeldMessage): void {
    this.#items.push(message)
  }

  /** A broker that repeats within one connection is out of its protocol; answering once is enough all the same. */
  pushOnce(message: HeldMessage): void {
    if (!this.#items.includes(message, this.#first)) this.#items.push(message)
  }

  shift(): void {
    this.#first++
    if (this.#first > 1_024 && this.#first * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#first)
      this.#first = 0
    }
  }

  clear(): void {
    this.#items = []
    this.#first = 0
  }
}
