import { assert } from '../../base/assert.ts'

/**
 * Words and columns of numbers as bytes: the length of a JSON header, the header with the columns' lengths, padding to eight bytes,
 * the columns, little-endian.
 */
export function pack(words: readonly string[], columns: readonly Float64Array[]): Uint8Array {
  const header = new TextEncoder().encode(JSON.stringify({ words, lengths: columns.map(({ length }) => length) }))
  const start = Math.ceil((4 + header.length) / 8) * 8
  const bytes = new Uint8Array(start + 8 * columns.reduce((sum, { length }) => sum + length, 0))
  new DataView(bytes.buffer).setUint32(0, header.length, true)
  bytes.set(header, 4)
  let at = start
  for (const column of columns) {
    bytes.set(new Uint8Array(column.buffer, column.byteOffset, column.byteLength), at)
    at += column.byteLength
  }
  return bytes
}

/** What `pack` made bytes of. Errors: assertion on bytes of another length. */
export function unpack(given: Uint8Array): { readonly words: readonly string[]; readonly columns: Float64Array[] } {
  // A store may hand over a Buffer, whose slices are views of more than they show.
  const bytes = new Uint8Array(given)
  const length = new DataView(bytes.buffer).getUint32(0, true)
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)))
  const { words, lengths } = header as { words: string[]; lengths: number[] }
  let at = Math.ceil((4 + length) / 8) * 8
  const columns = lengths.map((count) => {
    const column = new Float64Array(bytes.slice(at, at + 8 * count).buffer)
    at += 8 * count
    return column
  })
  assert(at === bytes.length, `a snapshot of an asset has ${at} bytes, not ${bytes.length}`)
  return { words, columns }
}
