/**
 * A contender steps the same work in its own way; how it is asked is the same for all.
 *
 * @typedef {object} Runner
 * @property {string} name what it is, for people
 * @property {(lists: number) => Promise<Float32Array>} check from zero states: steps the first lists, gives all outputs
 * @property {(lists: number) => Promise<number>} run steps so many lists in turn; the nanoseconds that took
 * @property {() => Promise<void>} close
 */

/** @typedef {import('./work.mjs').Work} Work */

/** A contender that cannot take part here, and why; its ratios are null. */
export class Absent extends Error {
  /** @override */
  name = 'Absent'
}

/**
 * Makes a runner of one function that steps the list with an index and gives (or promises) its outputs.
 * @param {string} name
 * @param {Work} work
 * @param {{
 *   step: (list: number) => Float32Array | Promise<Float32Array>
 *   reset: () => void
 *   close?: () => void | Promise<void>
 * }} own
 * @returns {Runner}
 */
export function runnerOf(name, work, { step, reset, close = () => undefined }) {
  const lists = work.rows.length
  let next = 0
  return {
    name,
    async check(count) {
      reset()
      const outputs = new Float32Array(count * work.batch)
      for (let list = 0; list < count; list++) outputs.set(await step(list % lists), list * work.batch)
      next = 0
      return outputs
    },
    async run(count) {
      const startedNs = process.hrtime.bigint()
      for (let done = 0; done < count; done++) {
        const answer = step(next)
        // Only who answers later is waited for: a needless turn of the loop costs more than a small step.
        if (answer instanceof Promise) await answer
        next = next + 1 === lists ? 0 : next + 1
      }
      return Number(process.hrtime.bigint() - startedNs)
    },
    async close() {
      await close()
    },
  }
}
