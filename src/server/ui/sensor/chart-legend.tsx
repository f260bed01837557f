import { formatDuration, formatScore, formatTime, formatValue } from '../format.ts'
import { qualityWords, unitSign } from '../words.ts'
import type { Columns } from './chart-data.ts'
import { type ChartWindow, everything, offered } from './chart-window.ts'

/** The row under the cursor, or the newest, in words and figures. */
export function Legend({ columns, row, unit }: { columns: Columns; row: number | null; unit: string }) {
  const at = row ?? columns.time.length - 1
  const sign = unitSign(unit)
  const lower = columns.lower[at] ?? null
  const band = lower === null ? '–' : `${formatValue(lower)} … ${formatValue(columns.upper[at])}`
  const items: [string, string, string][] = [
    ['value', 'Value', formatValue(columns.value[at])],
    ['expected', 'Expected', formatValue(columns.expected[at])],
    ['band', 'Band', band],
    ['score', 'Score', formatScore(columns.score[at] ?? 0)],
    ['quality', 'Quality', qualityWords[columns.quality[at] ?? 'good']],
  ]
  return (
    <dl class="legend" data-cursor={row !== null}>
      <div class="legend-time">
        <dt>{row === null ? 'Newest' : 'At cursor'}</dt>
        <dd>{formatTime(columns.time[at] ?? null, Date.now())}</dd>
      </div>
      {items.map(([kind, label, text]) => (
        <div key={kind} data-kind={kind}>
          <dt>
            <span class="key" aria-hidden="true" />
            {label}
          </dt>
          <dd>
            {text}
            {(kind === 'value' || kind === 'expected' || kind === 'band') && text !== '–' && sign !== '' && (
              <span class="unit"> {sign}</span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  )
}

interface ControlsProps {
  readonly columns: Columns
  readonly window: ChartWindow
  readonly choose: (window: ChartWindow) => void
}

/** Buttons for the stretch of time that is shown. */
export function Controls({ columns, window, choose }: ControlsProps) {
  return (
    <fieldset class="segments">
      <legend class="unseen">Time shown</legend>
      {offered(columns.time).map((spanMs) => (
        <button
          type="button"
          key={spanMs}
          aria-pressed={window.follow && window.spanMs === spanMs}
          onClick={() => choose({ follow: true, spanMs })}
        >
          {formatDuration(spanMs).replace(' 0 h', '')}
        </button>
      ))}
      <button type="button" aria-pressed={window.follow && window.spanMs === null} onClick={() => choose(everything)}>
        All
      </button>
      {!window.follow && (
        <button type="button" class="reset" onClick={() => choose(everything)}>
          Reset zoom
        </button>
      )}
    </fieldset>
  )
}
