import { useSignal, useSignalEffect } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { AlarmTransition } from '../../../domain/alarm.ts'
import { acceptAlarm, alarmsStale, lastAlarm, loadAlarms } from '../alarm-data.ts'
import { withTransition } from '../alarms/alarm-list.ts'
import { AlarmTable } from '../alarms/alarm-table.tsx'
import { ReasonDialog } from '../reason-dialog.tsx'

const rowsShown = 20

function AcceptDialog({ alarm, done }: { alarm: AlarmTransition; done: () => void }) {
  return (
    <ReasonDialog
      title="Accept this as normal?"
      text="What is measured now counts as normal from the next reading on, and the alarm ends. Do it when the machine or the sensor was changed on purpose, and the new level has settled; it cannot be undone."
      button="Accept as normal"
      kept="the alarm journal"
      change={(reason) => acceptAlarm(alarm, reason)}
      done={done}
    />
  )
}

/** The alarms of one sensor. */
export function SensorAlarms({ id }: { id: string }) {
  const list = useSignal<readonly AlarmTransition[] | null>(null)
  const asked = useSignal<AlarmTransition | null>(null)
  const ask = (alarm: AlarmTransition | null) => {
    asked.value = alarm
  }
  useEffect(() => {
    const abort = new AbortController()
    loadAlarms({ active: false, sensor: id, offset: 0, limit: rowsShown }, abort.signal).then(
      (page) => {
        list.value = page.items
      },
      () => undefined,
    )
    return () => abort.abort()
  }, [id, alarmsStale.value])
  useSignalEffect(() => {
    const next = lastAlarm.value
    const before = list.peek()
    if (next?.alarm.sensor === id && before !== null) list.value = withTransition(before, next)
  })
  return (
    <section class="panel" aria-label="Alarms of this sensor">
      <h2>Alarms of this sensor</h2>
      {list.value === null ? (
        <p class="note">Loading…</p>
      ) : list.value.length === 0 ? (
        <p class="note">None so far.</p>
      ) : (
        <AlarmTable list={list.value} caption="Alarms of this sensor, newest first" withSensor={false} accept={ask} />
      )}
      {asked.value !== null && <AcceptDialog alarm={asked.value} done={() => ask(null)} />}
    </section>
  )
}
