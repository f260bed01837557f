import { OperatingError } from '../../src/base/errors.ts'
import type { Prng } from '../../src/base/prng.ts'
import type { VirtualTime } from './virtual-time.ts'

/** How hard a world is on its processes. All are shares of the operations at a port. */
export interface Hardship {
  /** Answers with an error before anything was done. */
  readonly refuses: number
  /** Does it and answers with an error all the same. */
  readonly lies: number
  /** Takes up to a minute. */
  readonly stalls: number
}

/** A process that never ends, never fails and never waits long. */
export const calm: Hardship = { refuses: 0, lies: 0, stalls: 0 }

/** One run of the program. Once it is dead nothing that it still does has an effect. */
export class Process {
  readonly name: string
  isAlive = true
  constructor(name: string) {
    this.name = name
  }
}

/**
 * What may happen at a port, decided by the seed alone: between any call and its effect, and between the effect and its
 * answer, a process may die; the outside system may refuse, lie or take its time.
 */
export class Fate {
  readonly time: VirtualTime
  readonly random: Prng
  hardship: Hardship = calm
  /** Operations at ports so far, each counted before and after its effect: moments at which a process can die. */
  moments = 0
  /** The moments at which a process is killed. */
  readonly deadly = new Set<number>()
  /** Called when one is. */
  killed: (process: Process) => void = () => undefined

  constructor(time: VirtualTime, random: Prng) {
    this.time = time
    this.random = random
  }

  /** An operation of a process on something outside; `effect` happens whole or not at all. */
  async operate<T>(process: Process, what: string, effect: () => T | Promise<T>): Promise<T> {
    if (this.#dies(process)) return await never()
    await this.#travel(process)
    if (this.random.uniform() < this.hardship.refuses) throw refusal(what)
    const result = await effect()
    if (this.#dies(process)) return await never()
    await this.#travel(process)
    if (this.random.uniform() < this.hardship.lies) throw refusal(what)
    return result
  }

  #dies(process: Process): boolean {
    if (!process.isAlive) return true
    if (!this.deadly.delete(this.moments++)) return false
    this.kill(process)
    return true
  }

  kill(process: Process): void {
    process.isAlive = false
    this.time.drop(process)
    this.killed(process)
  }

  async #travel(process: Process): Promise<void> {
    const isStalled = this.random.uniform() < this.hardship.stalls
    const ms = isStalled ? 1_000 + this.random.uniform() * 59_000 : this.random.uniform() * 4
    await this.time.sleep(ms, process)
  }
}

/** What a dead process waits for. */
export function never<T>(): Promise<T> {
  return new Promise<T>(() => undefined)
}

function refusal(what: string): OperatingError {
  return new OperatingError('unreachable', `${what}: the simulation says no`)
}
