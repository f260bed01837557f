import { createPrng } from '../../../../src/base/prng.ts'
import type { Examples } from '../../../../src/train/fit/examples.ts'

/** Windows of noiseless waves of random phase and period; the target of a tick is the next value, or of the window's last. */
export function sineExamples(count: number, ticks: number, { every = true, seed = 1, scale = 1 } = {}): Examples {
  const random = createPrng(seed)
  const waves = Array.from({ length: count }, () => {
    const phase = random.between(0, 6.28)
    const speed = random.between(0.2, 0.5)
    return Float32Array.from({ length: ticks + 1 }, (_, t) => scale * Math.sin(phase + speed * t))
  })
  return {
    ...{ count, ticks, inputs: 1, targets: 1, every },
    fill(which, x, target) {
      for (const [at, window] of which.entries()) {
        const wave = waves[window]!
        x.set(wave.subarray(0, ticks), at * ticks)
        if (every) target.set(wave.subarray(1), at * ticks)
        else target[at] = wave[ticks]!
      }
    },
  }
}
