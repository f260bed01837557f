import { OperatingError } from '../base/errors.ts'

interface Waiting {
  readonly perform: () => void
  readonly refuse: (why: OperatingError) => void
}

/**
 * Work that must not meet a frame or a checkpoint half-way, such as the removal of a sensor or a change of the model.
 *
 * It waits here until the loop is between two frames and everything before is committed. What it changes belongs to the
 * next checkpoint, whole.
 */
export class Barrier {
  readonly #waiting: Waiting[] = []
  #isClosed = false

  /** Resolves with what the work returns. Errors: what it throws; `OperatingError('state')` when the engine stops first. */
  ask<T>(work: () => T): Promise<T> {
    return new Promise((resolve, reject) => {
      const perform = (): void => {
        try {
          resolve(work())
        } catch (error) {
          reject(error)
        }
      }
      if (this.#isClosed) reject(stopping())
      else this.#waiting.push({ perform, refuse: reject })
    })
  }

  /** Performs what waits, in the order in which it was asked for; `commit` makes durable what came before. */
  async serve(commit: () => Promise<void>): Promise<void> {
    if (this.#waiting.length === 0) return
    await commit()
    for (const { perform } of this.#waiting.splice(0)) perform()
  }

  /** Nothing is performed any more. */
  close(): void {
    this.#isClosed = true
    for (const { refuse } of this.#waiting.splice(0)) refuse(stopping())
  }
}

function stopping(): OperatingError {
  return new OperatingError('state', 'the pipeline is stopping; ask again when it runs')
}
