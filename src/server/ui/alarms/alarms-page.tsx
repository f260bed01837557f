import { useSignal, useSignalEffect } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { AlarmTransition } from '../../../domain/alarm.ts'
import { alarmsStale, lastAlarm, loadAlarms } from '../alarm-data.ts'
import { formatCount } from '../format.ts'
import { hashOf } from '../hash.ts'
import { replaceRoute, route } from '../hash-route.ts'
import { status } from '../plant.ts'
import { isActive, withTransition } from './alarm-list.ts'
import { AlarmTable } from './alarm-table.tsx'

/** Rows of a request: active alarms come all at once, as far as anybody can read them. */
const rowsPerPage = { all: 100, active: 1_000 } as const

interface Listed {
  readonly items: readonly AlarmTransition[]
  readonly total: number
}

function useAlarms(all: boolean) {
  const listed = useSignal<Listed | null>(null)
  const pageRows = all ? rowsPerPage.all : rowsPerPage.active
  const wanted = useSignal<number>(pageRows)
  const stale = alarmsStale.value
  useEffect(() => {
    const abort = new AbortController()
    const load = async () => {
      let items: readonly AlarmTransition[] = []
      let total = 0
      do {
        const query = { active: !all, offset: items.length, limit: pageRows }
        const page = await loadAlarms(query, abort.signal)
        items = [...items, ...page.items]
        total = page.total
        if (page.items.length === 0) break
      } while (items.length < Math.min(wanted.peek(), total))
      listed.value = { items, total }
    }
    // A failed request is told by the banner; the list is read again with the next connection.
    load().catch(() => undefined)
    return () => abort.abort()
  }, [all, wanted.value, stale])
  useSignalEffect(() => {
    const next = lastAlarm.value
    const before = listed.peek()
    if (next === null || before === null) return
    const items = withTransition(before.items, next)
    listed.value = { items, total: before.total + items.length - before.items.length }
  })
  const more = () => {
    wanted.value += pageRows
  }
  return { listed: listed.value, more }
}

function matching(items: readonly AlarmTransition[], search: string): readonly AlarmTransition[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  return items.filter(({ alarm }) => {
    const text = `${alarm.sensor} ${alarm.asset ?? ''} ${alarm.class} ${alarm.priority} ${alarm.message}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

function Nothing({ all, search }: { all: boolean; search: string }) {
  if (search !== '') {
    return (
      <div class="empty">
        <h2>No alarm matches</h2>
        <p>Nothing in this list contains “{search}”.</p>
      </div>
    )
  }
  return (
    <div class="empty">
      <h2>{all ? 'No alarms so far' : 'No active alarms'}</h2>
      <p>{all ? 'Alarms appear here as they are raised.' : 'Everything that is judged is as expected.'}</p>
    </div>
  )
}

/** The alarm list, newest first. */
export function AlarmsPage({ all }: { all: boolean }) {
  const { listed, more } = useAlarms(all)
  const now = route.value
  const search = now.view === 'alarms' ? now.search : ''
  const items = listed === null ? [] : matching(all ? listed.items : listed.items.filter(isActive), search)
  return (
    <>
      <h1>Alarms</h1>
      <search class="toolbar">
        <nav class="segments" aria-label="Which alarms">
          <a href={hashOf({ view: 'alarms', all: false, search })} aria-current={all ? undefined : 'page'}>
            Active <span class="number">{status.value ? formatCount(status.value.alarmsActive) : ''}</span>
          </a>
          <a href={hashOf({ view: 'alarms', all: true, search })} aria-current={all ? 'page' : undefined}>
            All
          </a>
        </nav>
        <input
          type="search"
          placeholder="Search sensor, asset or message"
          aria-label="Search sensor, asset or message"
          value={search}
          onInput={(event) => replaceRoute({ view: 'alarms', all, search: event.currentTarget.value })}
        />
      </search>
      {listed === null ? (
        <div class="panel skeleton tall" aria-busy="true">
          <p class="unseen">Loading alarms…</p>
        </div>
      ) : items.length === 0 ? (
        <Nothing all={all} search={search} />
      ) : (
        <section class="panel flush" aria-label={all ? 'All alarms' : 'Active alarms'}>
          <AlarmTable list={items} caption={`${all ? 'All' : 'Active'} alarms, newest first`} withSensor />
          {listed.items.length < listed.total && (
            <button type="button" class="more" onClick={more}>
              Show more ({formatCount(listed.total - listed.items.length)} older)
            </button>
          )}
        </section>
      )}
    </>
  )
}
