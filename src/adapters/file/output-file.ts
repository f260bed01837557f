import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { makeDirectory } from '../../ports/make-directory.ts'
import { writeFailure } from '../../ports/write-failure.ts'

/**
 * End of a file that is compared with what comes after a restart. A crash repeats at most the readings of one
 * checkpoint interval (20,000) and what waited behind it; at some 120 bytes a row this covers them twice.
 */
const tailBytes = 8 * 1024 * 1024

/** How a file is opened. */
export interface OutputFileOptions {
  readonly path: string
  /** First line of a new file, '' for none. */
  readonly header: string
  /** Begins anew; otherwise what is there is kept and continued. */
  readonly truncate: boolean
  /** A write is on the disk when it resolves. */
  readonly sync: boolean
}

/**
 * Appends whole lines to a file, so that a line is never torn and never repeated.
 *
 * A crash repeats rows that were written but not yet committed with the state; they come again bit by bit the same, so
 * lines that stand in the last `tailBytes` of the file are passed over once. A line without its end (a torn write) is cut
 * off at opening. A failed write leaves the end where it was, so a retry overwrites it.
 *
 * Errors: `write`, with the path.
 */
export class OutputFile {
  readonly #options: OutputFileOptions
  #handle: FileHandle | undefined
  #end = 0
  /** Lines at the end of the continued file, and how often each may come again. */
  #known = new Map<string, number>()
  #knownLines = 0

  constructor(options: OutputFileOptions) {
    this.#options = options
  }

  async open(): Promise<void> {
    const { path, truncate, header } = this.#options
    await this.#guard(async () => {
      makeDirectory(dirname(path))
      if (truncate) this.#handle = await open(path, 'w')
      else {
        // A handle in append mode cannot overwrite a torn line; it only makes sure that the file exists.
        await (await open(path, 'a')).close()
        const handle = await open(path, 'r+')
        this.#handle = handle
        await this.#readTail(handle)
      }
    })
    if (this.#end === 0 && header !== '') await this.#write(header)
  }

  /** Writes lines, each ended by a line feed. */
  async append(text: string): Promise<void> {
    const fresh = this.#knownLines === 0 ? text : this.#unknown(text)
    if (fresh !== '') await this.#write(fresh)
  }

  /** Bytes of the file. */
  get size(): number {
    return this.#end
  }

  async close(): Promise<void> {
    const handle = this.#handle
    this.#handle = undefined
    await handle?.close()
  }

  async #write(text: string): Promise<void> {
    await this.#guard(async () => {
      const handle = this.#handle
      if (handle === undefined) throw new Error('the file is closed')
      const bytes = Buffer.from(text)
      for (let done = 0; done < bytes.length; ) {
        const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, this.#end + done)
        done += bytesWritten
      }
      if (this.#options.sync) await handle.datasync()
      this.#end += bytes.length
    })
  }

  async #readTail(handle: FileHandle): Promise<void> {
    const { size } = await handle.stat()
    const start = Math.max(0, size - tailBytes)
    const tail = Buffer.alloc(size - start)
    for (let done = 0; done < tail.length; ) {
      const { bytesRead } = await handle.read(tail, done, tail.length - done, start + done)
      if (bytesRead === 0) break
      done += bytesRead
    }
    const whole = tail.lastIndexOf(10) + 1
    this.#end = whole === 0 && start > 0 ? size : start + whole
    await handle.truncate(this.#end)
    for (const line of tail.toString('utf8', 0, whole).split('\n')) {
      if (line === '') continue
      this.#known.set(line, (this.#known.get(line) ?? 0) + 1)
      this.#knownLines++
    }
  }

  /** The lines of `text` that do not stand at the end of the file already. */
  #unknown(text: string): string {
    let fresh = ''
    for (const line of text.split('\n')) {
      if (line === '') continue
      const times = this.#known.get(line) ?? 0
      if (times === 0) {
        fresh += `${line}\n`
        continue
      }
      if (times === 1) this.#known.delete(line)
      else this.#known.set(line, times - 1)
      this.#knownLines--
    }
    return fresh
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      throw writeFailure(this.#options.path, error)
    }
  }
}
