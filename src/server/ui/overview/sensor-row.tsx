import { formatScore, formatValue } from '../format.ts'
import { hashOf } from '../hash.ts'
import { StateIcon } from '../icon.tsx'
import { sensorSignal } from '../plant.ts'
import { scoreWords, shortName, stateWords, unitSign } from '../words.ts'
import { Sparkline } from './sparkline.tsx'

/** Height of a row, in pixels, as the style sheet has it. */
export const rowHeightPx = 40

/** One sensor: state, name, sparkline, last value; a link to its chart. */
export function SensorRow({ id }: { id: string }) {
  const sensor = sensorSignal(id)?.value
  if (sensor === undefined) return null
  const { state, value, unit, score, asset, labels } = sensor
  const name = shortName(id, asset, labels)
  const judged = state === 'normal' || state === 'anomaly' ? `, score ${formatScore(score)}, ${scoreWords(score)}` : ''
  return (
    <li class="row-item">
      <a
        class="row"
        href={hashOf({ view: 'sensor', id })}
        data-state={state}
        title={`${id}: ${stateWords[state]}${judged}`}
      >
        <StateIcon state={state} label />
        <span class="row-name">{name}</span>
        <Sparkline id={id} />
        <span class="row-value">
          <span class="number">{formatValue(value)}</span> <span class="unit">{unitSign(unit)}</span>
        </span>
      </a>
    </li>
  )
}
