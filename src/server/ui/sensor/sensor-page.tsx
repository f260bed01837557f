import { useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { SensorSummary } from '../../../runtime/api.ts'
import { alarmsStale } from '../alarm-data.ts'
import { askHistory, askSensor } from '../answers.ts'
import { hashOf } from '../hash.ts'
import { StatePill } from '../icon.tsx'
import { applySensor, sensorSignal } from '../plant.ts'
import { RequestError } from '../request.ts'
import { shortName } from '../words.ts'
import { Chart } from './chart.tsx'
import { type Columns, columnsOf } from './chart-data.ts'
import { Facts } from './facts.tsx'
import { SensorAlarms } from './sensor-alarms.tsx'
import { Why } from './why.tsx'

/** Points of the chart: everything that the server keeps of a sensor. */
const points = 2_000
const retryMs = 2_000

type Loaded = { readonly columns: Columns; readonly at: number } | { readonly error: RequestError } | null

function useHistory(id: string) {
  const loaded = useSignal<Loaded>(null)
  const attempt = useSignal(0)
  useEffect(() => {
    const abort = new AbortController()
    const path = `api/v1/sensors/${encodeURIComponent(id)}`
    let retry: ReturnType<typeof setTimeout> | undefined
    const load = async () => {
      applySensor(await askSensor(path, abort.signal))
      const history = await askHistory(`${path}/history?points=${points}`, abort.signal)
      loaded.value = { columns: columnsOf(history), at: Date.now() }
    }
    load().catch((error: unknown) => {
      if (abort.signal.aborted || !(error instanceof RequestError)) return
      if (error.code === 'not_found') loaded.value = { error }
      else retry = setTimeout(() => attempt.value++, retryMs)
    })
    return () => {
      abort.abort()
      clearTimeout(retry)
    }
  }, [id, attempt.value, alarmsStale.value])
  return loaded.value
}

function Unknown({ id }: { id: string }) {
  return (
    <div class="empty">
      <h1>No such sensor</h1>
      <p>
        No sensor has the id <code>{id}</code>. It may have been removed, or it has not sent a reading yet.
      </p>
      <a class="primary" href={hashOf({ view: 'overview', search: '', state: null })}>
        Back to the overview
      </a>
    </div>
  )
}

function Waiting() {
  return (
    <div class="sensor-grid" aria-busy="true">
      <p class="unseen">Loading the sensor…</p>
      <div class="panel chart skeleton" aria-hidden="true" />
      <div class="panel facts skeleton" aria-hidden="true" />
    </div>
  )
}

function Title({ id, sensor }: { id: string; sensor: SensorSummary | undefined }) {
  const asset = sensor?.asset ?? null
  const name = sensor ? shortName(id, asset, sensor.labels) : id
  return (
    <div class="sensor-title">
      <nav class="crumbs" aria-label="Where you are">
        <a href={hashOf({ view: 'overview', search: '', state: null })}>Overview</a>
        <span aria-hidden="true">/</span>
        {asset !== null && (
          <>
            <a href={hashOf({ view: 'overview', search: asset, state: null })}>{asset}</a>
            <span aria-hidden="true">/</span>
          </>
        )}
        <span>{name}</span>
      </nav>
      <div class="sensor-heading">
        <h1>{name}</h1>
        {sensor && <StatePill state={sensor.state} />}
      </div>
      {name !== id && <p class="sensor-id">{id}</p>}
    </div>
  )
}

/** One sensor: its chart, its facts, its alarms. */
export function SensorPage({ id }: { id: string }) {
  const loaded = useHistory(id)
  const picked = useSignal<number | null>(null)
  if (loaded !== null && 'error' in loaded) return <Unknown id={id} />
  const sensor = sensorSignal(id)?.value
  return (
    <>
      <Title id={id} sensor={sensor} />
      {loaded === null || sensor === undefined ? (
        <Waiting />
      ) : (
        <div class="sensor-grid">
          <Chart
            key={loaded.at}
            id={id}
            columns={loaded.columns}
            unit={sensor.unit}
            pick={(time) => {
              picked.value = time
            }}
          />
          <Facts sensor={sensor} />
          <Why id={id} unit={sensor.unit} time={picked} />
          <SensorAlarms id={id} />
        </div>
      )}
    </>
  )
}
