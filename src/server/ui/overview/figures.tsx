import type { Part, PipelineStatus } from '../../../runtime/api.ts'
import { formatCount, formatRate } from '../format.ts'
import { hashOf } from '../hash.ts'
import { status } from '../plant.ts'

const kindWords = { source: 'Source', sink: 'Sink', state: 'State' } as const

function Parts({ parts }: { parts: readonly Part[] | null }) {
  if (parts === null) {
    return (
      <div class="figure">
        <span class="figure-label">Connections</span>
        <span class="figure-value small">–</span>
      </div>
    )
  }
  const down = parts.filter((part) => !part.up).length
  const text = down === 0 ? 'All connected' : `${down} of ${parts.length} down`
  return (
    <details class="figure parts" data-down={down > 0}>
      <summary>
        <span class="figure-label">Connections</span>
        <span class="figure-value small">{text}</span>
      </summary>
      <ul>
        {parts.map((part) => (
          <li key={`${part.kind} ${part.name}`} data-up={part.up}>
            <span class="part-sign" aria-hidden="true">
              {part.up ? '✓' : '✕'}
            </span>
            <span>
              <strong>{part.name}</strong> <span class="note">{kindWords[part.kind]}</span>
              <br />
              <span class="note">
                {part.up ? '' : 'Down: '}
                {part.detail}
              </span>
            </span>
          </li>
        ))}
      </ul>
    </details>
  )
}

function attention({ sensorStates }: PipelineStatus): number {
  return sensorStates.anomaly + sensorStates.fault + sensorStates.silent
}

/** The plant in a line of figures. */
export function Figures() {
  const now = status.value
  const value = (pick: (status: PipelineStatus) => string) => (now === null ? '–' : pick(now))
  return (
    <section class="figures" aria-label="The plant in figures">
      <a
        class="figure"
        href={hashOf({ view: 'alarms', all: false, search: '' })}
        data-alert={(now?.alarmsActive ?? 0) > 0}
      >
        <span class="figure-label">Active alarms</span>
        <span class="figure-value">{value((one) => formatCount(one.alarmsActive))}</span>
      </a>
      <div class="figure">
        <span class="figure-label">Need attention</span>
        <span class="figure-value">
          {value((one) => formatCount(attention(one)))}
          <span class="figure-of">{value((one) => `of ${formatCount(one.sensors)} sensors`)}</span>
        </span>
      </div>
      <div class="figure">
        <span class="figure-label">Readings</span>
        <span class="figure-value">
          {value((one) => formatRate(one.readingsPerSecond))}
          <span class="figure-of">a second</span>
        </span>
      </div>
      <div class="figure">
        <span class="figure-label">Model</span>
        <span class="figure-value small">{value((one) => one.model)}</span>
      </div>
      <Parts parts={now?.parts ?? null} />
    </section>
  )
}
