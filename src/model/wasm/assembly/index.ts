/**
 * The recurrent engine in WebAssembly: `run` does a batch, `serve` helps with batches until it is told to end.
 *
 * Read on in step.ts; affine.ts and gates.ts are where the time goes.
 */
import { Job, Plan } from './plan'
import { stepRows } from './step'

/** Rows that a thread takes at a time. */
const share: i32 = 64

/** Steps rows from … to of the plan's batch on this thread. */
export function step(plan: Plan, tile: usize, from: i32, to: i32): void {
  stepRows(plan, tile, from, to)
}

/** Does a batch together with the workers that serve `job`, and returns when every row is done. */
export function run(plan: Plan, tile: usize, job: usize, count: i32): void {
  atomic.store<i32>(job + Job.done, 0)
  atomic.store<i32>(job + Job.left, count)
  atomic.add<i32>(job + Job.generation, 1)
  if (atomic.load<i32>(job + Job.asleep) > 0) atomic.notify(job + Job.generation, -1)
  work(plan, tile, job)
  while (atomic.load<i32>(job + Job.done) < count) {}
}

/** Takes rows from the end of the batch until none is left. One number says what is left, so a late worker cannot err. */
function work(plan: Plan, tile: usize, job: usize): void {
  while (true) {
    const last = atomic.sub<i32>(job + Job.left, share)
    if (last <= 0) return
    const first = max(0, last - share)
    stepRows(plan, tile, first, last)
    atomic.add<i32>(job + Job.done, last - first)
  }
}

/** Looks for work for about `spins` rounds after each batch, then sleeps until the next one; ends when told to. */
export function serve(plan: Plan, tile: usize, job: usize, spins: i32): void {
  let seen = 0
  while (atomic.load<i32>(job + Job.stop) == 0) {
    let generation = atomic.load<i32>(job + Job.generation)
    for (let i = 0; i < spins && generation == seen; i++) generation = atomic.load<i32>(job + Job.generation)
    if (generation == seen) {
      atomic.add<i32>(job + Job.asleep, 1)
      atomic.wait<i32>(job + Job.generation, seen, -1)
      atomic.sub<i32>(job + Job.asleep, 1)
      continue
    }
    seen = generation
    work(plan, tile, job)
  }
}
