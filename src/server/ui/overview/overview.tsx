import { useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { SensorState } from '../../../runtime/api.ts'
import { formatCount } from '../format.ts'
import { replaceRoute, route } from '../hash-route.ts'
import { StateIcon } from '../icon.tsx'
import { knownCount, knownSensors, loaded, searchSensors, status, structure } from '../plant.ts'
import { stateMeaning, stateWords } from '../words.ts'
import { AssetCard } from './asset-card.tsx'
import { Figures } from './figures.tsx'
import { type AssetGroup, groupByAsset, inOrderOf, type OverviewFilter } from './grouping.ts'

const states: readonly SensorState[] = ['anomaly', 'fault', 'silent', 'warmup', 'normal']

function currentFilter(): OverviewFilter {
  const now = route.value
  return now.view === 'overview' ? now : { search: '', state: null }
}

function setFilter(change: Partial<OverviewFilter>): void {
  replaceRoute({ view: 'overview', ...currentFilter(), ...change })
}

function StateFilter({ chosen }: { chosen: SensorState | null }) {
  const counts = status.value?.sensorStates
  return (
    <fieldset class="chips">
      <legend class="unseen">Show sensors by state</legend>
      <button type="button" class="chip" aria-pressed={chosen === null} onClick={() => setFilter({ state: null })}>
        All <span class="number">{status.value ? formatCount(status.value.sensors) : '–'}</span>
      </button>
      {states.map((state) => (
        <button
          type="button"
          key={state}
          class="chip"
          data-state={state}
          data-none={counts?.[state] === 0}
          aria-pressed={chosen === state}
          title={stateMeaning[state]}
          onClick={() => setFilter({ state: chosen === state ? null : state })}
        >
          <StateIcon state={state} /> {stateWords[state]}{' '}
          <span class="number">{counts ? formatCount(counts[state]) : '–'}</span>
        </button>
      ))}
    </fieldset>
  )
}

/** On a plant larger than what the page keeps, the server is asked too, a moment after the last key. */
function useServerSearch(): void {
  const timer = useRef<ReturnType<typeof setTimeout>>()
  const abort = useRef<AbortController>()
  useSignalEffect(() => {
    const { search } = currentFilter()
    clearTimeout(timer.current)
    abort.current?.abort()
    if (search === '' || (status.peek()?.sensors ?? 0) <= knownCount()) return
    timer.current = setTimeout(() => {
      abort.current = new AbortController()
      searchSensors(search, abort.current.signal).catch(() => undefined)
    }, 300)
  })
  useEffect(() => () => clearTimeout(timer.current), [])
}

function Empty({ filter }: { filter: OverviewFilter }) {
  if (!loaded.value) {
    return (
      <div class="cards" aria-busy="true">
        <p class="unseen">Loading sensors…</p>
        {[0, 1, 2, 3, 4, 5].map((index) => (
          <div key={index} class="card skeleton" aria-hidden="true" />
        ))}
      </div>
    )
  }
  if (filter.search !== '' || filter.state !== null) {
    return (
      <div class="empty">
        <h2>No sensor matches</h2>
        <p>
          {filter.search !== '' && `Nothing contains “${filter.search}”`}
          {filter.search !== '' && filter.state !== null && ' and '}
          {filter.state !== null &&
            `${filter.search === '' ? 'No sensor' : 'none'} is in the state “${stateWords[filter.state]}”`}
          .
        </p>
        <button type="button" class="primary" onClick={() => setFilter({ search: '', state: null })}>
          Show all sensors
        </button>
      </div>
    )
  }
  return (
    <div class="empty">
      <h2>No readings yet</h2>
      <p>Sensors appear here by themselves with their first reading. Check that the sources are connected.</p>
    </div>
  )
}

/** While somebody walks through the cards by keyboard their order stays. */
function useSteadyOrder(groups: AssetGroup[], filter: OverviewFilter) {
  const list = useRef<HTMLDivElement>(null)
  const before = useRef<{ groups: readonly AssetGroup[]; key: string }>({ groups: [], key: '' })
  const key = `${filter.state} ${filter.search}`
  const held = before.current.key === key && list.current?.querySelector(':focus-visible')
  const ordered = held ? inOrderOf(groups, before.current.groups) : groups
  before.current = { groups: ordered, key }
  return { list, ordered }
}

/** Assets by health, the worst first. */
export function Overview() {
  const filter = currentFilter()
  void structure.value
  useServerSearch()
  const { list, ordered } = useSteadyOrder(groupByAsset(knownSensors(), filter), filter)
  const total = status.value?.sensors ?? 0
  const found = ordered.reduce((sum, group) => sum + group.ids.length, 0)
  return (
    <>
      <h1 class="unseen">Overview</h1>
      <Figures />
      <search class="toolbar">
        <input
          type="search"
          placeholder="Search sensor, asset or label"
          aria-label="Search sensor, asset or label"
          value={filter.search}
          onInput={(event) => setFilter({ search: event.currentTarget.value })}
        />
        <StateFilter chosen={filter.state} />
      </search>
      <p class="unseen" role="status">
        {loaded.value ? `${found} sensors shown` : ''}
      </p>
      {total > knownCount() && loaded.value && (
        <p class="note wide-note">
          {formatCount(knownCount())} of {formatCount(total)} sensors are kept here, those that need attention first.
          Search finds the others.
        </p>
      )}
      {ordered.length === 0 ? (
        <Empty filter={filter} />
      ) : (
        <div class="cards" ref={list}>
          {ordered.map((group) => (
            <AssetCard key={group.asset ?? '\0'} group={group} />
          ))}
        </div>
      )}
    </>
  )
}
