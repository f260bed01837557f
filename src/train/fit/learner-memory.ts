import type { Optimizer } from '../optimizer.ts'

const optimizerPrefix = 'optimizer.'
const drawsName = 'dropout.draws'

/** What a learner remembers besides its weights, by name: the optimizer's averages, and how many masks were drawn. */
export function learnerMemory(optimizer: Optimizer, draws: number): Map<string, Float64Array> {
  const all = new Map<string, Float64Array>()
  for (const [name, values] of optimizer.memory()) all.set(optimizerPrefix + name, values)
  return all.set(drawsName, Float64Array.of(draws))
}

/** Gives the optimizer its part of a memory back; returns how many masks were drawn. */
export function setLearnerMemory(optimizer: Optimizer, memory: ReadonlyMap<string, Float64Array>): number {
  const own = [...memory].filter(([name]) => name.startsWith(optimizerPrefix))
  optimizer.setMemory(new Map(own.map(([name, values]) => [name.slice(optimizerPrefix.length), values])))
  return memory.get(drawsName)?.[0] ?? 0
}
