import { existsSync } from 'node:fs'
import { rename } from 'node:fs/promises'
import { limits } from '../../base/limits.ts'
import { type Log, silentLog } from '../../ports/log.ts'
import type { DeadLetter, DeadLetterSink, SinkContext } from '../../ports/sink.ts'
import { OutputFile } from './output-file.ts'

/**
 * Dead letters in a file: one JSON object a line, the original bytes in base64; synced before it counts as written.
 *
 * A file that reaches half of `limitBytes` becomes `PATH.1`, in place of the one before, which is dropped with a warning:
 * a device that sends rubbish for ever does not fill the disk.
 */
export class FileDeadLetterSink implements DeadLetterSink {
  readonly name: string
  readonly #path: string
  readonly #limitBytes: number
  #file: OutputFile
  #log: Log = silentLog

  constructor(name: string, path: string, limitBytes: number = limits.deadLetterBytes) {
    this.name = name
    this.#path = path
    this.#limitBytes = limitBytes
    this.#file = newFile(path)
  }

  async open(context?: Pick<SinkContext, 'log'>): Promise<void> {
    this.#log = context?.log ?? silentLog
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
    if (this.#file.size >= this.#limitBytes / 2) await this.#rotate()
  }

  async #rotate(): Promise<void> {
    const old = `${this.#path}.1`
    if (existsSync(old)) this.#log.warn({ path: old }, 'the oldest dead letters are dropped, their limit is reached')
    await this.#file.close()
    await rename(this.#path, old)
    this.#file = newFile(this.#path)
    await this.#file.open()
  }

  async close(): Promise<void> {
    await this.#file.close()
  }
}

function newFile(path: string): OutputFile {
  return new OutputFile({ path, header: '', truncate: false, sync: true })
}
