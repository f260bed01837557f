import { madd } from './vector'

/**
 * Back through a layer normalisation over n features: with x̂ = (x − mean)/s and g = dy·weight,
 * dx += (g − mean(g) − x̂·mean(g·x̂))/s, dWeight += Σ dy·x̂, dBias += Σ dy.
 *
 * Rows are `stride` apart, their padding is zero in dy. Source: Ba et al. 2016.
 */
export function layerNormBack(
  rows: i32, n: i32, stride: usize, x: usize, dy: usize, dx: usize, weight: usize, eps: f32, dWeight: usize, dBias: usize,
): void {
  const bytes = <usize>n << 2
  const count = <f32>n
  for (let row = 0; row < rows; row++) {
    let total: f32 = 0
    for (let j: usize = 0; j < bytes; j += 4) total += load<f32>(x + j)
    const mean = total / count
    let squares: f32 = 0
    for (let j: usize = 0; j < bytes; j += 4) {
      const d = load<f32>(x + j) - mean
      squares += d * d
    }
    const factor = <f32>1 / sqrt<f32>(squares / count + eps)
    let sumG: f32 = 0
    let sumGX: f32 = 0
    for (let j: usize = 0; j < bytes; j += 4) {
      const d = load<f32>(dy + j)
      const hat = (load<f32>(x + j) - mean) * factor
      const g = d * load<f32>(weight + j)
      sumG += g
      sumGX += g * hat
      store<f32>(dWeight + j, load<f32>(dWeight + j) + d * hat)
      store<f32>(dBias + j, load<f32>(dBias + j) + d)
    }
    const meanG = sumG / count
    const meanGX = sumGX / count
    for (let j: usize = 0; j < bytes; j += 4) {
      const hat = (load<f32>(x + j) - mean) * factor
      const g = load<f32>(dy + j) * load<f32>(weight + j)
      store<f32>(dx + j, load<f32>(dx + j) + (g - meanG - hat * meanGX) * factor)
    }
    x += stride
    dy += stride
    dx += stride
  }
}

/** Back through y = scale·x + shift a feature: dx += scale·dy, dScale += Σ dy·(x − center), dShift += Σ dy. */
export function scaleBack(
  rows: i32, stride: usize, x: usize, center: usize, dy: usize, dx: usize, scale: usize, dScale: usize, dShift: usize,
): void {
  for (let row = 0; row < rows; row++) {
    for (let j: usize = 0; j < stride; j += 16) {
      const d = v128.load(dy + j)
      const away = f32x4.sub(v128.load(x + j), v128.load(center + j))
      v128.store(dx + j, madd(v128.load(scale + j), d, v128.load(dx + j)))
      v128.store(dScale + j, madd(d, away, v128.load(dScale + j)))
      v128.store(dShift + j, f32x4.add(d, v128.load(dShift + j)))
    }
    x += stride
    dy += stride
    dx += stride
  }
}
