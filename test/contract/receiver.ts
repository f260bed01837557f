import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { gunzipSync } from 'node:zlib'

/** A request as it came, its body unpacked. */
export interface ReceivedRequest {
  readonly method: string
  readonly url: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** What a receiver answers; `hang`: nothing at all; `cut`: it closes the connection. */
export type Answer =
  | { readonly status: number; readonly body?: string; readonly headers?: Record<string, string> }
  | 'hang'
  | 'cut'

/** An HTTP server that records what it gets and answers what a test wants. */
export class Receiver {
  readonly requests: ReceivedRequest[] = []
  /** Decides each answer; replaced by tests. */
  answer: (request: ReceivedRequest) => Answer = () => ({ status: 204 })
  readonly #sockets = new Set<Socket>()
  #server: Server | undefined
  #port = 0

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async start(): Promise<this> {
    const server = createServer((request, response) => {
      const chunks: Buffer[] = []
      request.on('data', (chunk: Buffer) => chunks.push(chunk))
      request.on('end', () => {
        const bytes = Buffer.concat(chunks)
        const body = (request.headers['content-encoding'] === 'gzip' ? gunzipSync(bytes) : bytes).toString()
        const { method = '', url = '', headers } = request
        const received = { method, url, headers, body }
        this.requests.push(received)
        const answer = this.answer(received)
        if (answer === 'hang') return
        if (answer === 'cut') request.socket.destroy()
        else response.writeHead(answer.status, answer.headers).end(answer.body)
      })
    })
    server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
    await new Promise<void>((resolve) => server.listen(this.#port, '127.0.0.1', resolve))
    this.#port = (server.address() as AddressInfo).port
    this.#server = server
    return this
  }

  /** Closes the port and every connection; `start` opens the same port again. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server?.close(resolve))
  }
}
