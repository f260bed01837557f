import { formatCount, formatTime, formatValue } from '../format.ts'
import { hashOf } from '../hash.ts'
import { type ShownComparison, verdict } from './model-data.ts'

/** Sensors of a comparison that are listed: those where the shadow differs most come first. */
const listed = 20

function ratio({ live, shadow }: ShownComparison['sensors'][number]): number {
  return live.meanError === 0 ? 1 : shadow.meanError / live.meanError
}

function Sensors({ sensors }: { sensors: ShownComparison['sensors'] }) {
  const shown = sensors.toSorted((a, b) => Math.abs(Math.log(ratio(b))) - Math.abs(Math.log(ratio(a)))).slice(0, listed)
  return (
    <table class="model-table">
      <caption class="unseen">The two models, sensor by sensor</caption>
      <thead>
        <tr>
          <th scope="col">Sensor</th>
          <th scope="col" class="cell-number">
            Readings
          </th>
          <th scope="col" class="cell-number">
            Error live
          </th>
          <th scope="col" class="cell-number">
            Error shadow
          </th>
          <th scope="col" class="cell-number">
            Alarms live
          </th>
          <th scope="col" class="cell-number">
            Alarms shadow
          </th>
          <th scope="col" class="cell-number">
            <abbr title="Readings that one of them holds for anomalous and the other does not">Told apart</abbr>
          </th>
        </tr>
      </thead>
      <tbody>
        {shown.map((one) => (
          <tr key={one.sensor}>
            <td data-label="Sensor" class="cell-version">
              <a href={hashOf({ view: 'sensor', id: one.sensor })}>{one.sensor}</a>
            </td>
            <td data-label="Readings" class="cell-number">
              {formatCount(one.readings)}
            </td>
            <td data-label="Error live" class="cell-number">
              {formatValue(one.live.meanError)}
            </td>
            <td data-label="Error shadow" class="cell-number">
              {formatValue(one.shadow.meanError)}
            </td>
            <td data-label="Alarms live" class="cell-number">
              {one.live.alarms}
            </td>
            <td data-label="Alarms shadow" class="cell-number">
              {one.shadow.alarms}
            </td>
            <td data-label="Told apart" class="cell-number">
              {formatCount(one.apart)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

/** How a shadow does beside the live model, on the readings that both scored. */
export function ComparisonPanel({ name, comparison }: { name: string; comparison: ShownComparison }) {
  const { live, shadow, readings, from, to, relativeError, alarms, sensors } = comparison
  const now = Date.now()
  const times = [from, to].map((text) => (text === null ? null : formatTime(Date.parse(text), now, false)))
  return (
    <section class="comparison" aria-label={`Shadow ${name}@${shadow} against live ${name}@${live}`}>
      <h3>
        Shadow {name}@{shadow} against live {name}@{live}
      </h3>
      {readings === 0 ? (
        <p class="note">No reading has been scored by both yet: a shadow of another shape warms up first.</p>
      ) : (
        <>
          <p>
            {verdict(relativeError)} Alarms: live {alarms.live}, the shadow would have raised {alarms.shadow}.{' '}
            <span class="note">
              {formatCount(readings)} readings, {times[0]} to {times[1]}.
            </span>
          </p>
          <Sensors sensors={sensors} />
          {sensors.length > listed && (
            <p class="note">
              The {listed} of {formatCount(sensors.length)} sensors where the two differ most.
            </p>
          )}
        </>
      )}
    </section>
  )
}
