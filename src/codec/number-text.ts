const powers = Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`))

/**
 * The number that the bytes from `start` to `end` write in decimal, NaN when they write none (or no finite one).
 *
 * Correctly rounded: up to 15 digits and 22 decimals are one exact division, anything else takes the engine's parser.
 * `comma`: the byte of the decimal sign, `.` or `,`. Allocates: nothing on the short way.
 */
export function parseNumber(bytes: Buffer, start: number, end: number, comma = 46): number {
  let at = start
  const sign = bytes[at]
  if (sign === 45 || sign === 43) at++
  let mantissa = 0
  let digits = 0
  let decimals = -1
  for (; at < end; at++) {
    const byte = bytes[at]!
    if (byte >= 48 && byte <= 57) {
      mantissa = mantissa * 10 + (byte - 48)
      digits++
      if (decimals >= 0) decimals++
    } else if (byte === comma && decimals < 0) {
      decimals = 0
    } else break
  }
  if (at < end || digits > 15 || digits === 0) return slowNumber(bytes.toString('latin1', start, end), comma)
  const value = decimals > 0 ? mantissa / powers[decimals]! : mantissa
  return sign === 45 ? -value : value
}

function slowNumber(text: string, comma: number): number {
  const plain = comma === 44 ? text.replace(',', '.') : text
  if (!/^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(plain)) return Number.NaN
  const value = Number(plain)
  return Number.isFinite(value) ? value : Number.NaN
}
