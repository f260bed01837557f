import 'uplot/dist/uPlot.min.css'
import { useSignal, useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { SensorSummary } from '../../../runtime/api.ts'
import { formatDuration, formatScore, formatTime, formatValue } from '../format.ts'
import { sensorSignal } from '../plant.ts'
import { dark } from '../theme.ts'
import { qualityWords, unitSign } from '../words.ts'
import { append, type Columns, leavesOut, medianStep } from './chart-data.ts'
import { currentPalette } from './palette.ts'
import { SensorPlot } from './plot.ts'
import { useTopUp } from './top-up.ts'

/** What part of the past is shown: the newest stretch, everything, or a fixed one that was dragged over. */
export type ChartWindow =
  | { readonly follow: true; readonly spanMs: number | null }
  | { readonly follow: false; readonly fromMs: number; readonly toMs: number }

const everything: ChartWindow = { follow: true, spanMs: null }
const minuteMs = 60_000
const spansOffered = [1, 5, 15, 60, 6 * 60, 24 * 60, 7 * 24 * 60, 30 * 24 * 60].map((minutes) => minutes * minuteMs)

/** Stretches worth offering: shorter than what is there, with at least 30 rows; four at most, the longest. */
function offered(time: readonly number[]): number[] {
  const total = (time.at(-1) ?? 0) - (time[0] ?? 0)
  const least = 30 * medianStep(time)
  return spansOffered.filter((span) => span < total * 0.8 && span >= least).slice(-4)
}

function resolved(window: ChartWindow, time: readonly number[]): { fromMs: number; toMs: number } | null {
  if (!window.follow) return window
  const last = time.at(-1)
  return window.spanMs === null || last === undefined ? null : { fromMs: last - window.spanMs, toMs: last }
}

function Legend({ columns, row, unit }: { columns: Columns; row: number | null; unit: string }) {
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

function Controls({ columns, window, choose }: ControlsProps) {
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

function zoomed(window: ChartWindow, time: readonly number[], factor: number): ChartWindow {
  const now = resolved(window, time) ?? { fromMs: time[0] ?? 0, toMs: time.at(-1) ?? 1 }
  const span = (now.toMs - now.fromMs) * factor
  if (window.follow) return factor > 1 && window.spanMs === null ? window : { follow: true, spanMs: span }
  const middle = (now.fromMs + now.toMs) / 2
  return { follow: false, fromMs: middle - span / 2, toMs: middle + span / 2 }
}

/** Value, expected value and band, score, quality and alarms of a sensor over time, following what comes in. */
export function Chart({ id, columns, unit }: { id: string; columns: Columns; unit: string }) {
  const mainPlace = useRef<HTMLDivElement>(null)
  const scorePlace = useRef<HTMLDivElement>(null)
  const plot = useRef<SensorPlot | null>(null)
  const window = useSignal<ChartWindow>(everything)
  const cursor = useSignal<number | null>(null)
  const rows = useSignal(0)

  const topUp = useTopUp(id, columns, () => {
    rows.value++
    plot.current?.draw(columns, resolved(window.peek(), columns.time))
  })

  useSignalEffect(() => {
    const isDark = dark.value
    if (mainPlace.current === null || scorePlace.current === null) return
    const made = new SensorPlot(mainPlace.current, scorePlace.current, currentPalette(), {
      cursor: (row) => {
        cursor.value = row
      },
      zoom: (fromMs, toMs) => {
        window.value = { follow: false, fromMs, toMs }
      },
      reset: () => {
        window.value = everything
      },
    })
    plot.current = made
    made.draw(columns, resolved(window.peek(), columns.time))
    mainPlace.current.dataset['theme'] = isDark ? 'dark' : 'light'
    return () => made.destroy()
  })
  useSignalEffect(() => {
    const row: SensorSummary | undefined = sensorSignal(id)?.value
    const shown = window.value
    if (row !== undefined && leavesOut(columns, row)) topUp()
    else if (row !== undefined && append(columns, row)) rows.value = rows.peek() + 1
    plot.current?.draw(columns, resolved(shown, columns.time))
  })
  useEffect(() => {
    const place = mainPlace.current
    if (place === null) return
    const watcher = new ResizeObserver(() => plot.current?.resize(place.clientWidth))
    watcher.observe(place)
    return () => watcher.disconnect()
  }, [])

  const onKeyDown = (event: KeyboardEvent) => {
    const { key } = event
    if (key === 'ArrowLeft' || key === 'ArrowRight') {
      plot.current?.step((key === 'ArrowLeft' ? -1 : 1) * (event.shiftKey ? 20 : 1))
    } else if (key === '+' || key === '-') window.value = zoomed(window.value, columns.time, key === '+' ? 0.5 : 2)
    else if (key === 'Escape' || key === '0') window.value = everything
    else return
    event.preventDefault()
  }
  void rows.value
  return (
    <section class="panel chart" aria-label="Chart">
      <div class="chart-head">
        <Legend columns={columns} row={cursor.value} unit={unit} />
        <Controls columns={columns} window={window.value} choose={(next) => (window.value = next)} />
      </div>
      {/* biome-ignore lint/a11y: the chart is one thing that is read and zoomed by keyboard, no set of fields. */}
      <div class="plots" tabIndex={0} role="group" aria-label={chartWords} onKeyDown={onKeyDown}>
        <div class="plot" ref={mainPlace} />
        <h3 class="plot-title">
          Score <span class="note">0.5 is the alarm boundary</span>
        </h3>
        <div class="plot" ref={scorePlace} />
      </div>
      <p class="note chart-note">Drag to zoom, double click to reset. Keys: ← → cursor, + − zoom, 0 reset.</p>
    </section>
  )
}

const chartWords =
  'Chart of value, expected band and score. Left and right arrow read values, plus and minus zoom, zero resets.'
