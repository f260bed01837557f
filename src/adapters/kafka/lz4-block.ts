const minMatch = 4
/** The format's end rules: no match begins in the last 12 bytes, and the last 5 are literals. */
const lastMatchBytes = 12
const lastLiterals = 5
const offsetMax = 65_535
const hashBits = 14

/** Most bytes that a block of `length` may become when nothing repeats. */
export function lz4BlockBound(length: number): number {
  return length + Math.ceil(length / 255) + 16
}

/**
 * One LZ4 block, greedy, in one pass; returns the bytes written to `to`, which holds `lz4BlockBound` of them.
 *
 * Source: lz4_Block_format.md of the LZ4 project, end-of-block conditions included: Java's decoder insists on them, and
 * the compressor of `lz4js` does not keep them.
 */
export function compressLz4Block(from: Uint8Array, to: Uint8Array): number {
  const table = new Int32Array(1 << hashBits)
  const end = from.length
  let anchor = 0
  let written = 0
  for (let at = 0; at < end - lastMatchBytes; ) {
    const word = wordAt(from, at)
    const hash = Math.imul(word, 0x9e3779b1) >>> (32 - hashBits)
    const match = table[hash]! - 1
    table[hash] = at + 1
    if (match < 0 || at - match > offsetMax || wordAt(from, match) !== word) {
      // The longer nothing repeats, the larger the steps: random bytes cost little.
      at += 1 + ((at - anchor) >> 6)
      continue
    }
    let length = minMatch
    while (at + length < end - lastLiterals && from[match + length] === from[at + length]) length++
    written = writeSequence(from.subarray(anchor, at), at - match, length, to, written)
    at += length
    anchor = at
  }
  return writeSequence(from.subarray(anchor), 0, 0, to, written)
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}

/** Literals and the match behind them; length 0: the last sequence, which has none. */
function writeSequence(literals: Uint8Array, offset: number, length: number, to: Uint8Array, start: number): number {
  let at = start
  const rest = length === 0 ? 0 : length - minMatch
  to[at++] = (Math.min(literals.length, 15) << 4) | Math.min(rest, 15)
  at = writeLength(literals.length - 15, to, at)
  to.set(literals, at)
  at += literals.length
  if (length === 0) return at
  to[at++] = offset & 0xff
  to[at++] = offset >> 8
  return writeLength(rest - 15, to, at)
}

/** What a nibble of the token could not hold: bytes of 255 and one less. */
function writeLength(remaining: number, to: Uint8Array, start: number): number {
  let at = start
  let left = remaining
  if (left < 0) return at
  for (; left >= 255; left -= 255) to[at++] = 255
  to[at++] = left
  return at
}
