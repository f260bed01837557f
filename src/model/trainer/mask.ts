/** SplitMix's finaliser: every bit of the word depends on every bit that is given. */
function mixed(word: number): number {
  let z = word
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
  return (z ^ (z >>> 16)) >>> 0
}

/** The key of one mask: of a seed, of how many batches were drawn before, and of the place where it is used. */
export function maskKey(seed: number, draws: number, place: number): number {
  return mixed(mixed(mixed(seed + 0x9e3779b9) + draws) + Math.imul(place + 1, 0x9e3779b9))
}

/**
 * Writes factors of inverted dropout: 0 with probability p, else 1/(1−p), so that the expectation stays.
 *
 * The n-th factor depends on the key and n only, so nothing of a generator is kept between batches.
 * Shapes: `rows` rows of `width` factors, a row every `stride` places from `at` on.
 * Source: Srivastava et al. 2014, inverted as in PyTorch; numbers by SplitMix's finaliser of a counter.
 */
export function writeMask(
  to: Float32Array,
  key: number,
  p: number,
  {
    at,
    rows,
    width,
    stride,
  }: { readonly at: number; readonly rows: number; readonly width: number; readonly stride: number },
): void {
  const below = Math.floor(p * 2 ** 31)
  // Looked up by the sign of a difference: a branch that goes either way at random costs twice as much as the rest.
  const factors = Float32Array.of(1 / (1 - p), 0)
  let counter = key | 0
  for (let row = 0; row < rows; row++) {
    const from = at + row * stride
    for (let j = 0; j < width; j++) {
      counter = (counter + 0x9e3779b9) | 0
      to[from + j] = factors[((mixed(counter) >>> 1) - below) >>> 31]!
    }
  }
}
