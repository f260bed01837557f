/** Edits (insert, delete, replace, swap of neighbours) that turn one word into the other. */
function editDistance(from: string, to: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let row = 1; row <= from.length; row++) {
    const current = [row]
    for (let column = 1; column <= to.length; column++) {
      const cost = from[row - 1] === to[column - 1] ? 0 : 1
      let edits = Math.min(previous[column]! + 1, current[column - 1]! + 1, previous[column - 1]! + cost)
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1]
      if (swapped) edits = Math.min(edits, beforePrevious[column - 2]! + 1)
      current.push(edits)
    }
    beforePrevious = previous
    previous = current
  }
  return previous[to.length]!
}

/** The key without case and separators: `batch_delay` and `batch-delay` are then near `batchDelay`. */
function plain(word: string): string {
  return word.toLowerCase().replaceAll(/[-_ ]/g, '')
}

/**
 * The known word nearest to a mistyped one, or undefined when none is near enough to be what was meant.
 *
 * Works when the mistake is a slip: about one letter in three, a case or a separator. A word that begins like a known
 * one (`delay` for `delayOn`) counts as near.
 */
export function nearestWord(word: string, known: readonly string[]): string | undefined {
  const asked = plain(word)
  let best: string | undefined
  let bestDistance = Math.max(1, Math.floor(asked.length / 3)) + 1
  for (const candidate of known) {
    const distance = editDistance(asked, plain(candidate))
    if (distance < bestDistance) {
      best = candidate
      bestDistance = distance
    }
  }
  if (best !== undefined || asked.length < 3) return best
  return known.find((candidate) => plain(candidate).startsWith(asked) || asked.startsWith(plain(candidate)))
}
