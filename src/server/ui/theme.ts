import { effect, signal } from '@preact/signals'

/** What the user chose: follow the system, or one of the two. */
export type ThemeChoice = 'system' | 'light' | 'dark'

const key = 'residua-theme'
const systemDark = matchMedia('(prefers-color-scheme: dark)')

function stored(): ThemeChoice {
  const value = localStorage.getItem(key)
  return value === 'light' || value === 'dark' ? value : 'system'
}

const choice = signal<ThemeChoice>(stored())
const system = signal(systemDark.matches)

/** Whether the page is dark now; charts redraw when it changes. */
export const dark = signal(false)

/** Follows the system and the user's choice from now on. */
export function applyTheme(): void {
  systemDark.addEventListener('change', (event) => {
    system.value = event.matches
  })
  effect(() => {
    const now = choice.value === 'system' ? system.value : choice.value === 'dark'
    document.documentElement.dataset['theme'] = now ? 'dark' : 'light'
    dark.value = now
  })
}

/** Changes to the other of light and dark, and remembers it; back to what the system says forgets it. */
export function toggleTheme(): void {
  const next = dark.value ? 'light' : 'dark'
  const isSystem = (next === 'dark') === system.value
  choice.value = isSystem ? 'system' : next
  if (isSystem) localStorage.removeItem(key)
  else localStorage.setItem(key, next)
}
