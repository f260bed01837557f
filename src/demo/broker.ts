import { createServer } from 'node:net'
import { Aedes } from 'aedes'
import { messageOf, OperatingError } from '../base/errors.ts'

/** The demo's own MQTT broker, version 3.1.1, on a free port of this machine. */
export interface Broker {
  readonly url: string
  /** Resolves with the first subscription of a client: before it, nobody would hear what is published. */
  readonly heard: Promise<void>
  publish(topic: string, payload: string): void
  close(): Promise<void>
}

/** Starts the broker. Errors: `OperatingError` listen when this machine gives no port. */
export async function startBroker(): Promise<Broker> {
  const aedes = await Aedes.createBroker()
  const heard = new Promise<void>((resolve) => {
    aedes.on('subscribe', (_subscriptions, client) => {
      if (client !== null) resolve()
    })
  })
  const server = createServer((stream) => {
    aedes.handle(stream)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) =>
      reject(new OperatingError('listen', `the demo's broker: ${messageOf(cause)}`, { cause })),
    )
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return {
    url: `mqtt://127.0.0.1:${port}`,
    heard,
    publish: (topic, payload) => {
      const packet = { cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false } as const
      aedes.publish(packet, () => undefined)
    },
    close: async () => {
      await new Promise<void>((resolve) => {
        aedes.close(resolve)
      })
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
      })
    },
  }
}
