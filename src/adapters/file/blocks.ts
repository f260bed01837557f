import { limits } from '../../base/limits.ts'
import { cutRows, type RowEnd } from './format.ts'

/** Whole rows of a file. */
export interface Block {
  readonly bytes: Buffer
  /** Number of the first line in `bytes`, 1-based. */
  readonly line: number
  /** Where the next block starts. */
  readonly nextLine: number
  readonly nextByte: number
}

/** Line feeds in `bytes`. */
export function countLines(bytes: Uint8Array): number {
  let lines = 0
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) lines++
  return lines
}

/**
 * Cuts a stream of chunks into blocks of whole rows.
 *
 * A row longer than `limits.messageBytesMax` is cut off one byte behind that limit, so that whoever gets the block
 * refuses it as too large; the rest of its line is passed over and memory stays bounded.
 */
export async function* readBlocks(
  chunks: AsyncIterable<Buffer>,
  from: { readonly line: number; readonly byte: number },
  rowEnd: RowEnd,
): AsyncGenerator<Block> {
  let { line, byte } = from
  let pending: Buffer[] = []
  let pendingBytes = 0
  let skipping = false
  const block = (bytes: Buffer): Block => {
    const start = line
    line += countLines(bytes)
    byte += bytes.length
    return { bytes, line: start, nextLine: line, nextByte: byte }
  }
  for await (const arrived of chunks) {
    let chunk = arrived
    if (skipping) {
      const feed = chunk.indexOf(10)
      byte += feed < 0 ? chunk.length : feed + 1
      if (feed < 0) continue
      line++
      skipping = false
      chunk = chunk.subarray(feed + 1)
    }
    pending.push(chunk)
    pendingBytes += chunk.length
    if (!chunk.includes(10) && pendingBytes <= limits.messageBytesMax) continue
    const bytes = pending.length === 1 ? chunk : Buffer.concat(pending)
    const end = cutRows(bytes, false, rowEnd)
    // Only the first row can be long; alone, it does not take its neighbours along when it is refused as too large.
    const first = end > limits.messageBytesMax ? rowEnd(bytes, 0, false) : 0
    if (first > 0) yield block(bytes.subarray(0, first))
    if (end > first) yield block(bytes.subarray(first, end))
    let rest = bytes.subarray(end)
    if (rest.length > limits.messageBytesMax) {
      yield block(rest.subarray(0, limits.messageBytesMax + 1))
      byte += rest.length - limits.messageBytesMax - 1
      rest = rest.subarray(rest.length)
      skipping = true
    }
    pending = rest.length === 0 ? [] : [rest]
    pendingBytes = rest.length
  }
  if (pendingBytes > 0) yield block(Buffer.concat(pending))
}
