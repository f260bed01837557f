const offsetBasis = 0xcbf29ce484222325n
const prime = 0x100000001b3n
const mask = 0xffffffffffffffffn
const encoder = new TextEncoder()

/**
 * FNV-1a, 64 bits, over the parts with a 0xff byte after each, as 16 hexadecimal digits.
 *
 * Source: the FNV reference; the separator is that of Prometheus' LabelSet.Fingerprint.
 */
export function fnv64(parts: readonly string[]): string {
  let hash = offsetBasis
  for (const part of parts) {
    for (const byte of encoder.encode(part)) hash = ((hash ^ BigInt(byte)) * prime) & mask
    hash = ((hash ^ 0xffn) * prime) & mask
  }
  return hash.toString(16).padStart(16, '0')
}
