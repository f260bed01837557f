import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { createGunzip } from 'node:zlib'
import { messageOf, OperatingError } from '../../base/errors.ts'

/** Bytes asked of the file system at once, and about the size of a block. */
export const chunkBytes = 256 * 1024

/** An input file that is being read. */
export interface Input {
  /** Unpacked bytes. Errors: `read`, with the path. */
  readonly chunks: AsyncIterable<Buffer>
  /** Bytes of the file itself that were read, for progress. */
  readonly bytesRead: () => number
  close(): void
}

function readError(path: string, error: unknown): OperatingError {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  const why = code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : messageOf(error)
  const damage = code.startsWith('Z_') ? `the gzip data are damaged or cut off (${messageOf(error)})` : why
  return new OperatingError('read', `${path}: ${damage}`, { cause: error })
}

/** Size of a file and whether it is gzip-compressed (by its first bytes or its name). Errors: `read`. */
export async function describeInput(path: string): Promise<{ readonly size: number; readonly gzip: boolean }> {
  try {
    const handle = await open(path, 'r')
    try {
      const { size } = await handle.stat()
      const magic = Buffer.alloc(2)
      await handle.read(magic, 0, 2, 0)
      return { size, gzip: (magic[0] === 0x1f && magic[1] === 0x8b) || path.toLowerCase().endsWith('.gz') }
    } finally {
      await handle.close()
    }
  } catch (error) {
    throw readError(path, error)
  }
}

/** Opens a file at an unpacked byte; of a gzip file everything before it is unpacked and dropped. */
export function openInput(path: string, gzip: boolean, fromByte: number): Input {
  const file = createReadStream(path, { highWaterMark: chunkBytes, start: gzip ? 0 : fromByte })
  const stream = gzip ? file.pipe(createGunzip({ chunkSize: chunkBytes })) : file
  if (gzip) file.on('error', (error) => stream.destroy(error))
  async function* chunks(): AsyncGenerator<Buffer> {
    let skip = gzip ? fromByte : 0
    try {
      for await (const chunk of stream as AsyncIterable<Buffer>) {
        if (skip >= chunk.length) skip -= chunk.length
        else {
          yield skip > 0 ? chunk.subarray(skip) : chunk
          skip = 0
        }
      }
    } catch (error) {
      throw readError(path, error)
    } finally {
      file.destroy()
    }
  }
  return {
    chunks: chunks(),
    bytesRead: () => file.bytesRead,
    close: () => {
      file.destroy()
      stream.destroy()
    },
  }
}
