import { createHmac } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One alert of a received webhook. */
export interface ReceivedAlert {
  readonly status: string
  readonly labels: Readonly<Record<string, string>>
  readonly annotations: Readonly<Record<string, string>>
  readonly fingerprint: string
}

/** A webhook receiver that checks signatures and can be told to fail. */
export class Receiver {
  readonly alerts: ReceivedAlert[] = []
  readonly deliveries: string[] = []
  readonly badSignatures: string[] = []
  status = 200
  readonly #server: Server
  readonly #secret: string

  constructor(secret: string) {
    this.#secret = secret
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        if (this.status === 200) this.#take(Buffer.concat(chunks), request.headers)
        response.writeHead(this.status).end()
      })
    })
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/hook`
  }

  close(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  #take(body: Buffer, headers: Readonly<Record<string, string | string[] | undefined>>): void {
    const signature = `sha256=${createHmac('sha256', this.#secret).update(body).digest('hex')}`
    if (headers['x-residua-signature'] !== signature) this.badSignatures.push(String(headers['x-residua-signature']))
    const message = JSON.parse(body.toString()) as { version: string; alerts: ReceivedAlert[] }
    if (message.version === '4') this.alerts.push(...message.alerts)
    this.deliveries.push(String(headers['x-residua-delivery']))
  }
}
