import type { Prng } from './prng.ts'

/** The numbers from 0 to `count` − 1 in a drawn order. Source: Fisher and Yates, Durstenfeld's form. */
export function shuffledOrder(random: Prng, count: number): Int32Array {
  const order = Int32Array.from({ length: count }, (_, n) => n)
  for (let n = count - 1; n > 0; n--) {
    const other = random.integer(n + 1)
    const kept = order[n]!
    order[n] = order[other]!
    order[other] = kept
  }
  return order
}
