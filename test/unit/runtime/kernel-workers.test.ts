import { expect, test } from 'vitest'
import { createKernel } from '../../../src/model/create-kernel.ts'
import { startKernelWorker } from '../../../src/runtime/kernel-workers.ts'
import { randomModel } from '../model/random-model.ts'

const slots = 2_000
const model = randomModel([
  { name: 'a', type: 'GRU', input_size: 1, hidden_size: 33 },
  { name: 'b', type: 'Linear', in_features: 33, out_features: 2 },
])

test('three threads give the bits of one, whoever does which rows', async () => {
  const alone = createKernel(model, slots)
  let started = 0
  const start = (task: object): void => {
    started += 1
    startKernelWorker(task)
  }
  const together = createKernel(model, slots, { workers: { count: 2, start } })
  expect(started).toBe(2)
  const rows = Int32Array.from({ length: slots }, (_, at) => (at * 7) % slots)
  const y = [new Float32Array(slots * 2), new Float32Array(slots * 2)] as const
  for (let tick = 0; tick < 400; tick++) {
    const x = Float32Array.from(rows, (row) => (row % 13) / 7 - tick / 200)
    // Sizes that are shared and sizes that are not, so that the threads sleep and wake in between.
    const count = tick % 5 === 0 ? 100 : slots - tick
    alone.step(rows, count, x, y[0])
    together.step(rows, count, x, y[1])
    expect(Buffer.compare(Buffer.from(y[0].buffer), Buffer.from(y[1].buffer))).toBe(0)
    if (tick % 20 === 0) await new Promise((resolve) => setImmediate(resolve))
  }
  expect(together.state).toEqual(alone.state)
  together.close()
})
