import type { SensorState } from '../../runtime/api.ts'
import { stateWords } from './words.ts'

/** Shapes differ, so that no state is told by colour alone. */
const shapes: Readonly<Record<SensorState, preact.JSX.Element>> = {
  normal: (
    <>
      <circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.5" />
      <path d="m5.2 8.2 2 2 3.7-4.2" fill="none" stroke="currentColor" stroke-width="1.5" />
    </>
  ),
  anomaly: (
    <>
      <path d="M8 1.2 15.4 14.4H.6Z" fill="currentColor" />
      <path d="M8 5.6v4.2M8 11.3v1.5" stroke="var(--surface)" stroke-width="1.7" />
    </>
  ),
  fault: (
    <>
      <path d="M8 .8 15.2 8 8 15.2.8 8Z" fill="currentColor" />
      <path d="m5.7 5.7 4.6 4.6m0-4.6-4.6 4.6" stroke="var(--surface)" stroke-width="1.6" />
    </>
  ),
  silent: (
    <>
      <circle cx="8" cy="8" r="7" fill="currentColor" />
      <path d="M4.4 8h7.2" stroke="var(--surface)" stroke-width="2" />
    </>
  ),
  warmup: (
    <>
      <circle cx="8" cy="8" r="6.2" fill="none" stroke="currentColor" stroke-width="1.6" stroke-dasharray="3 2.2" />
      <path d="M8 4.8V8l2.2 1.6" fill="none" stroke="currentColor" stroke-width="1.4" />
    </>
  ),
}

/** The sign of a state; `label` speaks it where no word stands beside it. */
export function StateIcon({ state, label = false }: { state: SensorState; label?: boolean }) {
  return (
    <svg
      class="icon state"
      data-state={state}
      viewBox="0 0 16 16"
      width="16"
      height="16"
      role={label ? 'img' : undefined}
      aria-hidden={label ? undefined : true}
      aria-label={label ? stateWords[state] : undefined}
    >
      {shapes[state]}
    </svg>
  )
}

/** A state as sign and word. */
export function StatePill({ state }: { state: SensorState }) {
  return (
    <span class="pill" data-state={state}>
      <StateIcon state={state} />
      {stateWords[state]}
    </span>
  )
}

/** The product's sign. */
export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 32 32" width="26" height="26" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="var(--mark-ground)" />
      <path
        d="M4 18h6l3-9 5 15 4-10 2 4h4"
        fill="none"
        stroke="var(--mark-line)"
        stroke-width="2.6"
        stroke-linejoin="round"
        stroke-linecap="round"
      />
    </svg>
  )
}

/** Sun or moon: what a press changes to. */
export function ThemeIcon({ dark }: { dark: boolean }) {
  return (
    <svg
      class="icon"
      viewBox="0 0 16 16"
      width="18"
      height="18"
      aria-hidden="true"
      fill="none"
      stroke="currentColor"
      stroke-width="1.5"
      stroke-linecap="round"
    >
      {dark ? (
        <>
          <circle cx="8" cy="8" r="3.1" />
          <path d="M8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3.05 3.05l1.1 1.1M11.85 11.85l1.1 1.1M12.95 3.05l-1.1 1.1M4.15 11.85l-1.1 1.1" />
        </>
      ) : (
        <path d="M13.6 9.9A6 6 0 0 1 6.1 2.4a6 6 0 1 0 7.5 7.5Z" stroke-linejoin="round" />
      )}
    </svg>
  )
}
