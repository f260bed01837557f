import { expect, test } from 'vitest'
import { runSeed } from './world.ts'

const only = process.env['RESIDUA_SIM_SEED']
const seeds = Number(process.env['RESIDUA_SIM_SEEDS'] ?? 200)

test(`${seeds} worlds end as an undisturbed process does`, { timeout: 3_600_000 }, async () => {
  const began = performance.now()
  let transitions = 0
  let kills = 0
  const list = only === undefined ? Array.from({ length: seeds }, (_, n) => n + 1) : [Number(only)]
  for (const seed of list) {
    const verdict = await runSeed(seed)
    transitions += verdict.transitions
    kills += verdict.kills
    expect(verdict.violations, `RESIDUA_SIM_SEED=${seed} npx vitest run --project sim repeats it`).toEqual([])
  }
  console.log(list.length, 'seeds', kills, 'kills', transitions, 'transitions', performance.now() - began)
})
