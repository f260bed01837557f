/** Waits for all of them, but not longer than `ms`. */
export function atMost(ms: number, ...promises: readonly Promise<void>[]): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined
  const limit = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ms)
  })
  return Promise.race([Promise.all(promises), limit]).finally(() => clearTimeout(timer))
}
