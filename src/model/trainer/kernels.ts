import { trainingBytes } from '../wasm/training-bytes.ts'
import { compileModule, instantiateModule, type WasmMemory, type WasmModule } from '../wasm/web-assembly.ts'

/**
 * What the training module exports; addresses, strides and `wide` are bytes, the rest counts.
 *
 * Each is told in wasm/assembly/train-*.ts, `affine` and `affineOnto` in affine.ts.
 */
export interface TrainingKernels {
  affine(
    rows: number,
    x: number,
    xStride: number,
    k: number,
    panel: number,
    panels: number,
    y: number,
    yS: number,
  ): void
  affineOnto(
    rows: number,
    x: number,
    xStride: number,
    k: number,
    panel: number,
    panels: number,
    y: number,
    yS: number,
  ): void
  weightGradient(
    rows: number,
    x: number,
    xStride: number,
    k: number,
    dy: number,
    dyStride: number,
    panels: number,
    grad: number,
  ): void
  clear(at: number, bytes: number): void
  move(bytes: number, from: number, to: number): void
  addScaled(bytes: number, factor: number, from: number, to: number): void
  copyColumns(rows: number, n: number, from: number, fromStride: number, to: number, toStride: number): void
  addColumns(rows: number, n: number, from: number, fromStride: number, to: number, toStride: number): void
  gruAfter(rows: number, tape: number, wide: number, h: number, to: number): void
  gruAfterBack(rows: number, tape: number, wide: number, h: number, dh: number, dBefore: number, sums: number): void
  gruReset(rows: number, tape: number, wide: number, h: number): void
  gruMix(rows: number, tape: number, wide: number, h: number, to: number): void
  gruMixBack(rows: number, tape: number, wide: number, h: number, dh: number, dBefore: number, sums: number): void
  gruResetBack(rows: number, tape: number, wide: number, h: number, dBefore: number, sums: number): void
  lstm(rows: number, tape: number, wide: number, c: number, cTo: number, to: number): void
  lstmBack(rows: number, tape: number, wide: number, c: number, dv: number, dc: number, sums: number): void
  rnnTanhTape(bytes: number, sums: number, to: number): void
  rnnReluTape(bytes: number, sums: number, to: number): void
  rnnTanhBack(bytes: number, h: number, dh: number, sums: number): void
  rnnReluBack(bytes: number, h: number, dh: number, sums: number): void
  activate(
    rows: number,
    row: number,
    stride: number,
    code: number,
    from: number,
    to: number,
    wide: number,
    limit: number,
  ): void
  layerNorm(
    rows: number,
    row: number,
    stride: number,
    from: number,
    to: number,
    n: number,
    weight: number,
    bias: number,
    eps: number,
  ): void
  softmax(rows: number, row: number, stride: number, from: number, to: number, n: number): void
  maximum(rows: number, row: number, stride: number, a: number, b: number, to: number, wide: number): void
  multiply(rows: number, row: number, stride: number, a: number, b: number, to: number, wide: number): void
  scale(
    rows: number,
    row: number,
    stride: number,
    a: number,
    to: number,
    wide: number,
    weight: number,
    shift: number,
  ): void
  activateBack(bytes: number, code: number, x: number, y: number, dy: number, dx: number): void
  softmaxBack(rows: number, n: number, stride: number, y: number, dy: number, dx: number): void
  gaussianTape(rows: number, n: number, stride: number, x: number, y: number, floor: number): void
  gaussianBack(rows: number, n: number, stride: number, x: number, dy: number, dx: number): void
  layerNormBack(
    rows: number,
    n: number,
    stride: number,
    x: number,
    dy: number,
    dx: number,
    weight: number,
    eps: number,
    dWeight: number,
    dBias: number,
  ): void
  scaleBack(
    rows: number,
    stride: number,
    x: number,
    center: number,
    dy: number,
    dx: number,
    scale: number,
    dScale: number,
    dShift: number,
  ): void
  countEqual(bytes: number, x: number, y: number, count: number): void
  shareEqual(bytes: number, x: number, y: number, count: number, dy: number, dx: number): void
  dotAttention(
    batch: number,
    ticks: number,
    window: number,
    causal: number,
    heads: number,
    size: number,
    scale: number,
    q: number,
    k: number,
    v: number,
    stride: number,
    y: number,
    yStride: number,
    room: number,
    mask: number,
  ): void
  dotAttentionBack(
    batch: number,
    ticks: number,
    window: number,
    causal: number,
    heads: number,
    size: number,
    scale: number,
    q: number,
    k: number,
    v: number,
    stride: number,
    dy: number,
    yStride: number,
    dq: number,
    dk: number,
    dv: number,
    room: number,
    mask: number,
  ): void
  additiveAttention(
    batch: number,
    ticks: number,
    window: number,
    f: number,
    size: number,
    h: number,
    stride: number,
    keys: number,
    queries: number,
    keyStride: number,
    v: number,
    y: number,
    room: number,
    mask: number,
  ): void
  additiveAttentionBack(
    batch: number,
    ticks: number,
    window: number,
    f: number,
    size: number,
    h: number,
    stride: number,
    keys: number,
    queries: number,
    keyStride: number,
    v: number,
    dy: number,
    room: number,
    dh: number,
    dKeys: number,
    dQueries: number,
    dv: number,
    whole: number,
    mask: number,
  ): void
}

let compiled: WasmModule | undefined

/** The training kernels over a memory; the module is compiled once. Errors: the engine's own where it has no SIMD. */
export function trainingKernels(memory: WasmMemory): TrainingKernels {
  compiled ??= compileModule(Uint8Array.from(atob(trainingBytes), (letter) => letter.charCodeAt(0)))
  return instantiateModule(compiled, memory) as unknown as TrainingKernels
}
