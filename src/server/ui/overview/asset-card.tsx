import { computed, useSignal } from '@preact/signals'
import { useMemo } from 'preact/hooks'
import type { SensorState } from '../../../runtime/api.ts'
import { formatCount, formatScore } from '../format.ts'
import { StatePill } from '../icon.tsx'
import { sensorSignal } from '../plant.ts'
import { stateWords } from '../words.ts'
import type { AssetGroup } from './grouping.ts'
import { Lazy } from './lazy.tsx'
import { rowHeightPx, SensorRow } from './sensor-row.tsx'

/** Sensors of a card that is not opened, and rows that are made at once in one that is. */
const rowsFolded = 7
const rowsAtOnce = 40

const counted: readonly (readonly [state: SensorState, one: string, many: string])[] = [
  ['anomaly', 'anomaly', 'anomalies'],
  ['fault', 'fault', 'faults'],
  ['silent', 'without data', 'without data'],
  ['warmup', 'warming up', 'warming up'],
]

function summary({ ids, counts, total }: AssetGroup): string {
  const sensors = total === 1 ? '1 sensor' : `${formatCount(total)} sensors`
  const parts = [ids.length === total ? sensors : `${formatCount(ids.length)} of ${sensors}`]
  for (const [state, one, many] of counted) {
    const count = counts[state]
    if (count !== undefined && ids.length > 1) parts.push(`${formatCount(count)} ${count === 1 ? one : many}`)
  }
  return parts.join(' · ')
}

/** The worst score of the asset, as a number and on a line with the alarm boundary in its middle. */
function WorstScore({ ids }: { ids: readonly string[] }) {
  const worst = useMemo(
    () =>
      computed(() => {
        let score = 0
        for (const id of ids) score = Math.max(score, sensorSignal(id)?.value.score ?? 0)
        return Math.round(score * 100) / 100
      }),
    [ids],
  )
  const score = worst.value
  return (
    <span class="worst" title="Worst score of the asset; 0.5 is the alarm boundary">
      <span class="meter" data-high={score >= 0.5} aria-hidden="true">
        <span style={{ width: `${score * 100}%` }} />
      </span>
      <span class="unseen">worst score </span>
      {formatScore(score)}
    </span>
  )
}

function chunks(ids: readonly string[]): (readonly string[])[] {
  const found: (readonly string[])[] = []
  for (let at = 0; at < ids.length; at += rowsAtOnce) found.push(ids.slice(at, at + rowsAtOnce))
  return found
}

function Rows({ ids, label }: { ids: readonly string[]; label: string }) {
  return (
    <ul class="rows" aria-label={label}>
      {ids.map((id) => (
        <SensorRow key={id} id={id} />
      ))}
    </ul>
  )
}

/** An asset: its state in words, its worst score, and its sensors. */
export function AssetCard({ group }: { group: AssetGroup }) {
  const open = useSignal(false)
  const name = group.asset ?? 'Sensors without an asset'
  const folded = group.ids.length > rowsFolded
  const ids = folded && !open.value ? group.ids.slice(0, rowsFolded - 1) : group.ids
  return (
    <article
      class="card"
      data-state={group.worst}
      data-open={open.value}
      aria-label={`${name}: ${stateWords[group.worst]}`}
    >
      <header class="card-head">
        <h2 title={name}>{name}</h2>
        <StatePill state={group.worst} />
        <p class="card-meta">{summary(group)}</p>
        <WorstScore ids={group.ids} />
      </header>
      {chunks(ids).map((chunk, index) => (
        <Lazy key={index} height={chunk.length * (open.value ? 0.34 : 1) * rowHeightPx}>
          {() => <Rows ids={chunk} label={`Sensors of ${name}`} />}
        </Lazy>
      ))}
      {folded && (
        <button
          type="button"
          class="more"
          aria-expanded={open.value}
          onClick={() => {
            open.value = !open.value
          }}
        >
          {open.value ? 'Show fewer' : `Show all ${formatCount(group.ids.length)} sensors`}
        </button>
      )}
    </article>
  )
}
