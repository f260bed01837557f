import { useSignal, useSignalEffect } from '@preact/signals'
import { lastAlarm } from './alarm-data.ts'
import { AlarmsPage } from './alarms/alarms-page.tsx'
import { formatTime } from './format.ts'
import { hashOf } from './hash.ts'
import { route } from './hash-route.ts'
import { Mark, ThemeIcon } from './icon.tsx'
import { connection, lastEventMs } from './live.ts'
import { ModelsPage } from './models/models-page.tsx'
import { Overview } from './overview/overview.tsx'
import { status } from './plant.ts'
import { signInNeeded, signOut, token } from './request.ts'
import { SensorPage } from './sensor/sensor-page.tsx'
import { SignIn } from './sign-in.tsx'
import { dark, toggleTheme } from './theme.ts'
import { priorityWords } from './words.ts'

const connectionWords = { connecting: 'Connecting', live: 'Live', reconnecting: 'Reconnecting' } as const

function LiveDot() {
  if (signInNeeded.value) return null
  const now = connection.value
  return (
    <span class="live" data-connection={now} role="status">
      <span class="live-dot" aria-hidden="true" />
      {connectionWords[now]}
    </span>
  )
}

function Header() {
  const view = route.value.view
  const active = status.value?.alarmsActive ?? 0
  const overview = hashOf({ view: 'overview', search: '', state: null })
  const alarms = hashOf({ view: 'alarms', all: false, search: '' })
  return (
    <header class="bar">
      <div class="bar-inner">
        <a class="brand" href={overview} aria-label="Residua, overview">
          <Mark />
          <span class="brand-name">Residua</span>
        </a>
        {status.value && (
          <span class="plant" title="Plant">
            {status.value.plant}
          </span>
        )}
        <nav aria-label="Main">
          <a href={overview} aria-current={view === 'overview' ? 'page' : undefined}>
            Overview
          </a>
          <a href={alarms} aria-current={view === 'alarms' ? 'page' : undefined}>
            Alarms
            {status.value && (
              <span class="badge" data-some={active > 0}>
                {active}
                <span class="unseen"> active</span>
              </span>
            )}
          </a>
          <a href={hashOf({ view: 'models' })} aria-current={view === 'models' ? 'page' : undefined}>
            Models
          </a>
        </nav>
        <div class="bar-end">
          <LiveDot />
          {token.value !== null && !signInNeeded.value && (
            <button type="button" class="quiet" onClick={signOut}>
              Sign out
            </button>
          )}
          <button
            type="button"
            class="quiet icon-button"
            onClick={toggleTheme}
            aria-label={dark.value ? 'Change to light' : 'Change to dark'}
          >
            <ThemeIcon dark={dark.value} />
          </button>
        </div>
      </div>
    </header>
  )
}

function Banner() {
  if (connection.value !== 'reconnecting') return null
  const since = lastEventMs.value
  return (
    <p class="banner" role="alert">
      <strong>Connection lost, reconnecting…</strong>{' '}
      {since !== null && `What you see is from ${formatTime(since, Date.now())}.`}
    </p>
  )
}

/** Speaks new alarms to those who cannot see them come. */
function Announcer() {
  const text = useSignal('')
  useSignalEffect(() => {
    const alarm = lastAlarm.value?.alarm
    if (alarm?.state !== 'unack') return
    text.value = `New alarm, priority ${priorityWords[alarm.priority]}: ${alarm.sensor}, ${alarm.message}`
  })
  return (
    <p class="unseen" aria-live="assertive" data-testid="announcer">
      {text}
    </p>
  )
}

function View() {
  const now = route.value
  if (now.view === 'models') return <ModelsPage />
  if (now.view === 'sensor') return <SensorPage key={now.id} id={now.id} />
  return now.view === 'alarms' ? <AlarmsPage key={String(now.all)} all={now.all} /> : <Overview />
}

function toContent(): void {
  document.getElementById('main')?.focus()
}

/** The whole page. */
export function App() {
  return (
    <>
      <button type="button" class="skip" onClick={toContent}>
        Skip to content
      </button>
      <Header />
      <Banner />
      <main id="main" tabIndex={-1}>
        {signInNeeded.value ? <SignIn /> : <View />}
      </main>
      <Announcer />
    </>
  )
}
