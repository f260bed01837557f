import type { DeadLetter, DeadLetterSink } from '../../ports/sink.ts'
import { OutputFile } from './output-file.ts'

/** Dead letters in a file: one JSON object a line, the original bytes in base64; synced before it counts as written. */
export class FileDeadLetterSink implements DeadLetterSink {
  readonly name: string
  readonly #file: OutputFile

  constructor(name: string, path: string) {
    this.name = name
    this.#file = new OutputFile({ path, header: '', truncate: false, sync: true })
  }

  async open(): Promise<void> {
    await this.#file.open()
  }

  async write(letters: readonly DeadLetter[]): Promise<void> {
    let text = ''
    for (const { arrivalMs, source, topic, key, reason, detail, bytes } of letters) {
      const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('base64')
      const arrival = new Date(arrivalMs).toISOString()
      text += `${JSON.stringify({ arrival, source, topic, key, reason, detail, bytes: base64 })}\n`
    }
    await this.#file.append(text)
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}
