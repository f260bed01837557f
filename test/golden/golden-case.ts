import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const root = join(import.meta.dirname, 'pytorch')

/** One golden case: how the module was built, and its tensors in float64. */
export interface GoldenCase {
  readonly name: string
  readonly json: Readonly<Record<string, unknown>>
  readonly io: ReadonlyMap<string, Float64Array>
  readonly weightsPath: string
}

/** Names of the cases that match. */
export function caseNames(pattern: RegExp): string[] {
  return readdirSync(root).filter((name) => pattern.test(name))
}

/** Reads a case. The tensors are read here, not by the code under test, and keep float64. */
export function readCase(name: string): GoldenCase {
  const dir = join(root, name)
  return {
    name,
    json: JSON.parse(readFileSync(join(dir, 'case.json'), 'utf8')) as Record<string, unknown>,
    io: readTensors(join(dir, 'io.safetensors')),
    weightsPath: join(dir, 'weights.safetensors'),
  }
}

/** Every tensor of a safetensors file with F32 and F64 entries, as float64. */
export function readTensors(path: string): Map<string, Float64Array> {
  const bytes = readFileSync(path)
  const headerBytes = Number(bytes.readBigUInt64LE(0))
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + headerBytes)) as Record<
    string,
    { dtype: string; data_offsets: [number, number] }
  >
  const tensors = new Map<string, Float64Array>()
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') continue
    const width = entry.dtype === 'F64' ? 8 : 4
    const start = 8 + headerBytes + entry.data_offsets[0]
    const count = (entry.data_offsets[1] - entry.data_offsets[0]) / width
    const read = (i: number): number =>
      width === 8 ? bytes.readDoubleLE(start + i * 8) : bytes.readFloatLE(start + i * 4)
    tensors.set(
      name,
      Float64Array.from({ length: count }, (_, i) => read(i)),
    )
  }
  return tensors
}

/** Largest absolute difference; Infinity where one is NaN or infinite and the other is not the same. */
export function largestDifference(got: ArrayLike<number>, want: ArrayLike<number>): number {
  if (got.length !== want.length) return Infinity
  let largest = 0
  for (let i = 0; i < want.length; i++) {
    if (Object.is(got[i], want[i])) continue
    const difference = Math.abs(got[i]! - want[i]!)
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Infinity : difference
  }
  return largest
}
