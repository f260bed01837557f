import { signal } from '@preact/signals'
import { type HashRoute, hashOf, parseHash } from './hash.ts'

/** Where the page is. */
export const route = signal<HashRoute>(parseHash(location.hash))
addEventListener('hashchange', () => {
  const before = route.value
  route.value = parseHash(location.hash)
  const moved = before.view !== route.value.view || (before.view === 'sensor' && hashOf(before) !== location.hash)
  if (moved) scrollTo(0, 0)
})

/** Replaces the address without a step in the history, as typing in a filter does. */
export function replaceRoute(next: HashRoute): void {
  history.replaceState(null, '', hashOf(next))
  route.value = next
}
