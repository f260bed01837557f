import { expect, test } from 'vitest'
import { type Job, leaders, type RungEnd, rungsOf, Search } from '../../../../src/train/tune/search.ts'
import type { Dimension } from '../../../../src/train/tune/search-space.ts'
import { gridPoints, randomPoints } from '../../../../src/train/tune/space-points.ts'

const space: Dimension[] = [
  { kind: 'range', path: 'fit.rate', from: 0.0001, to: 1, scale: 'log', step: null },
  { kind: 'choices', path: 'data.window', values: [16, 32, 64] },
]

/** A loss with its lowest point at a rate of 0.01 and a window of 32; more epochs take away what is left to learn. */
function objectiveOf({ point, epochs }: Job): number {
  const rate = point.get('fit.rate') as number
  const window = point.get('data.window') as number
  return Math.abs(Math.log10(rate) + 2) + (window === 32 ? 0 : 0.5) + 3 / epochs
}

/** Runs a search in one place; returns its jobs and ends, in order. */
function runAll(search: Search, objective = objectiveOf, most = Infinity): { jobs: Job[]; ends: RungEnd[] } {
  const jobs: Job[] = []
  const ends: RungEnd[] = []
  for (let job = search.next(); job !== null && jobs.length < most; job = search.next()) {
    jobs.push(job)
    ends.push({ trial: job.trial, rung: job.rung, objective: objective(job) })
    search.report(ends.at(-1)!)
  }
  return { jobs, ends }
}

/** Epochs that were trained: a promoted trial goes on from the rung before. */
function epochsOf(jobs: readonly Job[], rungs: readonly number[]): number {
  return jobs.reduce((sum, { rung, epochs }) => sum + epochs - (rungs[rung - 1] ?? 0), 0)
}

test('rungs rise by the reduction and end at the epochs of the plan', () => {
  expect(rungsOf(1, 3, 27)).toEqual([1, 3, 9, 27])
  expect(rungsOf(4, 3, 30)).toEqual([4, 12, 30])
  expect(rungsOf(5, 2, 5)).toEqual([5])
})

test('successive halving finds the good region with fewer epochs than a grid of as many trials', () => {
  const grid = runAll(new Search(gridPoints(space, 9), { rungs: [27], reduction: 3, trials: Infinity }))
  const rungs = [1, 3, 9, 27]
  const asha = runAll(new Search(randomPoints(space, 1), { rungs, reduction: 3, trials: 27 }))
  expect(grid.jobs).toHaveLength(27)
  expect(epochsOf(grid.jobs, [27])).toBe(27 * 27)
  // In one place: 27 trials of 1 epoch, 9 of 2 more, 3 of 6 more, 1 of 18 more, and the few promoted too early.
  const ends = asha.ends.filter(({ rung }) => rung === 0)
  expect(ends).toHaveLength(27)
  expect(epochsOf(asha.jobs, rungs)).toBeLessThan((27 * 27) / 4)
  const best = asha.jobs.find(({ trial }) => trial === leaders(asha.ends)[0]!.trial)!
  expect(best.point.get('data.window')).toBe(32)
  expect(Math.abs(Math.log10(best.point.get('fit.rate') as number) + 2)).toBeLessThan(0.5)
})

test('a trial is promoted as soon as it is among the best third of its rung, and only once', () => {
  const search = new Search(randomPoints(space, 1), { rungs: [1, 3], reduction: 3, trials: 4 })
  const first = [search.next()!, search.next()!, search.next()!]
  expect(first.map(({ trial, rung }) => [trial, rung])).toEqual([
    [0, 0],
    [1, 0],
    [2, 0],
  ])
  search.report({ trial: 0, rung: 0, objective: 3 })
  search.report({ trial: 2, rung: 0, objective: 2 })
  // Two of three have ended: a third of two is nobody yet.
  expect(search.next()).toMatchObject({ trial: 3, rung: 0 })
  search.report({ trial: 1, rung: 0, objective: 1 })
  expect(search.next()).toMatchObject({ trial: 1, rung: 1, epochs: 3 })
  expect(search.next()).toBeNull()
})

test('a trial that failed is never promoted, and does not end the search', () => {
  const failing = (job: Job): number => (job.trial % 2 === 0 ? Number.NaN : objectiveOf(job))
  const search = new Search(randomPoints(space, 3), { rungs: [1, 3, 9], reduction: 3, trials: 27 })
  const { jobs, ends } = runAll(search, failing)
  expect(jobs.filter(({ rung }) => rung === 0)).toHaveLength(27)
  expect(jobs.filter(({ rung, trial }) => rung > 0 && trial % 2 === 0)).toEqual([])
  expect(jobs.some(({ rung }) => rung === 2)).toBe(true)
  expect(leaders(ends).every(({ trial }) => trial % 2 === 1)).toBe(true)
})

test.each([0, 1, 7, 20, 30])(
  'a search that was stopped after %i results goes on with exactly the missing work',
  (most) => {
    const settings = { rungs: [1, 3, 9], reduction: 3, trials: 27 }
    const whole = runAll(new Search(randomPoints(space, 5), settings))
    const before = runAll(new Search(randomPoints(space, 5), settings), objectiveOf, most)
    const resumed = new Search(randomPoints(space, 5), settings)
    for (const end of before.ends) resumed.report(end)
    const after = runAll(resumed)
    expect([...before.jobs, ...after.jobs]).toEqual(whole.jobs)
  },
)

test('the best is the trial that went furthest, then the one with the lowest objective', () => {
  const ends = [
    { trial: 0, rung: 0, objective: 0.1 },
    { trial: 1, rung: 0, objective: 0.3 },
    { trial: 1, rung: 1, objective: 0.2 },
    { trial: 2, rung: 1, objective: 0.15 },
    { trial: 3, rung: 1, objective: Number.NaN },
  ]
  expect(leaders(ends).map(({ trial }) => trial)).toEqual([2, 1, 0])
})
