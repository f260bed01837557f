import { Fragment } from 'preact'
import type { AlarmTransition } from '../../../domain/alarm.ts'
import { formatDuration, formatTime, formatValue } from '../format.ts'
import { hashOf } from '../hash.ts'
import { sensorSignal } from '../plant.ts'
import { alarmWords, priorityWords, unitSign } from '../words.ts'
import { returnedTime, shortMessage } from './alarm-list.ts'

const classWords = { process: 'Process', instrument: 'Instrument' } as const

function Sensor({ transition }: { transition: AlarmTransition }) {
  const { sensor, asset } = transition.alarm
  const prefix = asset === null ? -1 : sensor.indexOf(asset)
  const name = prefix < 0 ? sensor : sensor.slice(prefix)
  return (
    <a href={hashOf({ view: 'sensor', id: sensor })} title={sensor}>
      {name.split(/(?<=[/._:-])/).map((part, index) => (
        <Fragment key={index}>
          {part}
          <wbr />
        </Fragment>
      ))}
    </a>
  )
}

/** What somebody may do about a row. */
type Accept = ((transition: AlarmTransition) => void) | undefined

function isAcceptable({ alarm }: AlarmTransition): boolean {
  return alarm.class === 'process' && alarm.state === 'unack'
}

function Row({ transition, withSensor, accept }: { transition: AlarmTransition; withSensor: boolean; accept: Accept }) {
  const { alarm, raisedTime } = transition
  const now = Date.now()
  const returned = returnedTime(transition)
  const unit = unitSign(sensorSignal(alarm.sensor)?.peek().unit ?? '')
  return (
    <tr data-state={alarm.state} data-priority={alarm.priority}>
      <td data-label="State">
        <span class="alarm-state" data-state={alarm.state} data-class={alarm.class}>
          <span class="alarm-sign" aria-hidden="true" />
          {alarmWords[alarm.state]}
        </span>
      </td>
      <td data-label="Priority">
        <span class="priority" data-priority={alarm.priority}>
          {priorityWords[alarm.priority]}
        </span>
      </td>
      {withSensor && (
        <td data-label="Sensor" class="cell-sensor">
          <Sensor transition={transition} />
        </td>
      )}
      <td data-label="Class">{classWords[alarm.class]}</td>
      <td data-label="Raised" class="cell-time">
        {formatTime(raisedTime, now)}
      </td>
      <td data-label="Returned" class="cell-time">
        {returned === null ? (
          <span class="note">not yet</span>
        ) : (
          <>
            {formatTime(returned, now)} <span class="note">after {formatDuration(returned - raisedTime)}</span>
          </>
        )}
      </td>
      <td data-label="Value / expected" class="cell-number">
        <span class="number">{formatValue(alarm.value)}</span>
        <span class="note"> / {formatValue(alarm.expected)}</span> <span class="unit">{unit}</span>
      </td>
      <td data-label="What" class="cell-message" title={alarm.message}>
        {shortMessage(alarm.message)}
        {accept !== undefined && isAcceptable(transition) && (
          <button type="button" class="secondary accept" onClick={() => accept(transition)}>
            Accept as normal
          </button>
        )}
      </td>
    </tr>
  )
}

/** Alarms as a table, or as cards where there is no room for one. */
export function AlarmTable({
  list,
  caption,
  withSensor,
  accept,
}: {
  list: readonly AlarmTransition[]
  caption: string
  withSensor: boolean
  /** Where it is given, a process alarm that stands has a button for it. */
  accept?: (transition: AlarmTransition) => void
}) {
  return (
    <table class="alarm-table">
      <caption class="unseen">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col">Priority</th>
          {withSensor && <th scope="col">Sensor</th>}
          <th scope="col">Class</th>
          <th scope="col">Raised</th>
          <th scope="col">Returned</th>
          <th scope="col" class="cell-number">
            Value / expected
          </th>
          <th scope="col">What</th>
        </tr>
      </thead>
      <tbody>
        {list.map((transition) => (
          <Row key={transition.alarm.id} transition={transition} withSensor={withSensor} accept={accept} />
        ))}
      </tbody>
    </table>
  )
}
