import 'uplot/dist/uPlot.min.css'
import { type Signal, useSignal, useSignalEffect } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import type { SensorSummary } from '../../../runtime/api.ts'
import { sensorSignal } from '../plant.ts'
import { dark } from '../theme.ts'
import { append, type Columns, leavesOut } from './chart-data.ts'
import { Controls, Legend } from './chart-legend.tsx'
import { type ChartWindow, everything, resolved, zoomed } from './chart-window.ts'
import { currentPalette } from './palette.ts'
import { SensorPlot } from './plot.ts'
import { useTopUp } from './top-up.ts'

function useWidth(place: { readonly current: HTMLElement | null }, changed: (width: number) => void): void {
  useEffect(() => {
    const element = place.current
    if (element === null) return
    const watcher = new ResizeObserver(() => changed(element.clientWidth))
    watcher.observe(element)
    return () => watcher.disconnect()
  }, [])
}

/** Handlers that tell a press that stays where it was: a drag zooms. */
function usePress(done: () => void) {
  const pressed = useRef(0)
  return {
    onPointerDown: (event: PointerEvent) => {
      pressed.current = event.clientX
    },
    onClick: (event: MouseEvent) => {
      if (Math.abs(event.clientX - pressed.current) < 4) done()
    },
  }
}

/** Rows that a key moves the cursor by. */
const cursorKeys: Readonly<Record<string, number>> = { ArrowLeft: -1, ArrowRight: 1 }

/** The window after a key; undefined for a key that means nothing here. */
function keyed(key: string, window: ChartWindow, time: readonly number[]): ChartWindow | undefined {
  if (key === '+' || key === '-') return zoomed(window, time, key === '+' ? 0.5 : 2)
  return key === 'Escape' || key === '0' ? everything : undefined
}

/** Moves the cursor or the window by keyboard; keys with Ctrl, Alt or Meta are the browser's. */
function handleKey(
  event: KeyboardEvent,
  plot: SensorPlot | null,
  window: Signal<ChartWindow>,
  time: readonly number[],
) {
  const { key } = event
  if (event.ctrlKey || event.metaKey || event.altKey) return
  const rowsMoved = cursorKeys[key]
  if (rowsMoved !== undefined) plot?.step(rowsMoved * (event.shiftKey ? 20 : 1))
  else {
    const next = keyed(key, window.peek(), time)
    if (next === undefined) return
    window.value = next
  }
  event.preventDefault()
}

interface ChartOptions {
  readonly id: string
  readonly columns: Columns
  readonly unit: string
  /** A reading was chosen, by click or Enter; its event time. */
  readonly pick: (timeMs: number) => void
}

/** Value, expected value and band, score, quality and alarms of a sensor over time, following what comes in. */
export function Chart({ id, columns, unit, pick }: ChartOptions) {
  const mainPlace = useRef<HTMLDivElement>(null)
  const scorePlace = useRef<HTMLDivElement>(null)
  const plot = useRef<SensorPlot | null>(null)
  const window = useSignal<ChartWindow>(everything)
  const cursor = useSignal<number | null>(null)
  const rows = useSignal(0)

  const draw = () => plot.current?.draw(columns, resolved(window.peek(), columns.time))
  const topUp = useTopUp(id, columns, () => {
    rows.value++
    draw()
  })

  useSignalEffect(() => {
    void dark.value
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
    draw()
    return () => made.destroy()
  })
  useSignalEffect(() => {
    const row: SensorSummary | undefined = sensorSignal(id)?.value
    void window.value
    if (row !== undefined && leavesOut(columns, row)) topUp()
    else if (row !== undefined && append(columns, row)) rows.value = rows.peek() + 1
    draw()
  })
  useWidth(mainPlace, (width) => plot.current?.resize(width))

  const pickCursor = () => {
    const time = cursor.peek() === null ? undefined : columns.time[cursor.peek()!]
    if (time !== undefined) pick(time)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Enter') pickCursor()
    else handleKey(event, plot.current, window, columns.time)
  }
  const handlers = { onKeyDown, ...usePress(pickCursor) }
  void rows.value
  return (
    <section class="panel chart" aria-label="Chart">
      <div class="chart-head">
        <Legend columns={columns} row={cursor.value} unit={unit} />
        <Controls columns={columns} window={window.value} choose={(next) => (window.value = next)} />
      </div>
      {/* biome-ignore lint/a11y: the chart is one thing that is read and zoomed by keyboard, no set of fields. */}
      <div class="plots" tabIndex={0} role="group" aria-label={chartWords} {...handlers}>
        <div class="plot" ref={mainPlace} />
        <ScoreTitle />
        <div class="plot" ref={scorePlace} />
      </div>
      <p class="note chart-note">{keyWords}</p>
    </section>
  )
}

function ScoreTitle() {
  return (
    <h3 class="plot-title">
      Score <span class="note">0.5 is the alarm boundary</span>
    </h3>
  )
}

const keyWords = 'Drag to zoom, double click to reset. Keys: ← → cursor, Enter explain, + − zoom, 0 reset.'
const chartWords =
  'Chart of value, expected band and score. Left and right arrow read values, Enter explains one, plus and minus zoom, zero resets.'
