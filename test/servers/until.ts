/**
 * Awaits a condition by asking again and again, and says what it waited for when the time is over.
 *
 * `ask` returns undefined or false, or throws, for "not yet". Tests use this instead of sleeping.
 */
export async function until<T>(
  what: string,
  ask: () => T | Promise<T>,
  options: { readonly timeoutMs?: number; readonly everyMs?: number } = {},
): Promise<Exclude<T, undefined | false | null>> {
  const deadline = performance.now() + (options.timeoutMs ?? 20_000)
  let last: unknown
  for (;;) {
    try {
      const answer = await ask()
      if (answer !== undefined && answer !== false && answer !== null)
        return answer as Exclude<T, undefined | false | null>
      last = undefined
    } catch (error) {
      last = error
    }
    if (performance.now() > deadline) {
      const why = last instanceof Error ? `: ${last.message}` : ''
      throw new Error(`waited ${options.timeoutMs ?? 20_000} ms in vain for ${what}${why}`)
    }
    await new Promise((resolve) => setTimeout(resolve, options.everyMs ?? 50))
  }
}
