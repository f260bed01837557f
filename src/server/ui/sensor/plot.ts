import uPlot from 'uplot'
import type { QualityName } from '../../../domain/quality.ts'
import { axisLabels, formatValue } from '../format.ts'
import { type Columns, type Plotted, plotted, type Span, spans } from './chart-data.ts'
import type { Palette } from './palette.ts'

const font = '12px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif'
const stripPx = 5

/** What the plot tells its surroundings. */
export interface PlotEvents {
  /** The row under the cursor; null when it is elsewhere. */
  cursor(row: number | null): void
  /** A stretch of time was dragged over. */
  zoom(fromMs: number, toMs: number): void
  reset(): void
}

function qualityColour(quality: QualityName, palette: Palette): string | null {
  if (quality === 'good') return null
  if (quality === 'warmup' || quality === 'learning') return palette.warmup
  return quality === 'silent' || quality === 'late' || quality === 'duplicate' ? palette.silent : palette.fault
}

/** Two charts over one time axis: value with expected band, and score. Zoomed and followed together. */
export class SensorPlot {
  readonly #main: uPlot
  readonly #score: uPlot
  readonly #palette: Palette
  readonly #events: PlotEvents
  #plotted: Plotted = { time: [], value: [], expected: [], lower: [], upper: [], score: [], row: [] }
  #alarms: Span<true>[] = []
  #qualities: Span<QualityName>[] = []

  constructor(mainPlace: HTMLElement, scorePlace: HTMLElement, palette: Palette, events: PlotEvents) {
    this.#palette = palette
    this.#events = events
    const width = mainPlace.clientWidth
    this.#main = new uPlot(this.#mainOptions(width), [[], [], [], [], []], mainPlace)
    this.#score = new uPlot(this.#scoreOptions(width), [[], []], scorePlace)
    uPlot.sync('sensor').sub(this.#main)
    uPlot.sync('sensor').sub(this.#score)
  }

  /** Draws the columns in a window of time; null shows all. */
  draw(columns: Columns, window: { readonly fromMs: number; readonly toMs: number } | null): void {
    const data = plotted(columns)
    this.#plotted = data
    this.#alarms = spans(columns.time, (row) => (columns.alarm[row] === 1 ? true : null))
    this.#qualities = spans(columns.time, (row) => (columns.quality[row] === 'good' ? null : columns.quality[row]!))
    const min = window?.fromMs ?? data.time[0] ?? 0
    const max = window?.toMs ?? data.time.at(-1) ?? 1
    const pairs: [uPlot, uPlot.AlignedData][] = [
      [this.#main, [data.time, data.upper, data.lower, data.expected, data.value]],
      [this.#score, [data.time, data.score]],
    ]
    for (const [plot, series] of pairs) {
      plot.batch(() => {
        plot.setData(series, false)
        plot.setScale('x', { min, max: max > min ? max : min + 1 })
      })
    }
  }

  resize(width: number): void {
    this.#main.setSize({ width, height: this.#main.height })
    this.#score.setSize({ width, height: this.#score.height })
  }

  /** Moves the cursor by rows, for the keyboard; a first step starts at the newest row. */
  step(rows: number): void {
    const { time } = this.#plotted
    const from = this.#main.cursor.idx ?? time.length
    const index = Math.min(Math.max(from + rows, 0), time.length - 1)
    const at = time[index]
    if (at === undefined) return
    this.#main.setCursor({ left: this.#main.valToPos(at, 'x'), top: this.#main.over.clientHeight / 2 })
  }

  destroy(): void {
    this.#main.destroy()
    this.#score.destroy()
  }

  #mainOptions(width: number): uPlot.Options {
    const palette = this.#palette
    return {
      ...this.#common(width, width < 500 ? 250 : 320),
      series: [
        {},
        { label: 'Upper', stroke: 'transparent', points: { show: false } },
        { label: 'Lower', stroke: 'transparent', points: { show: false } },
        { label: 'Expected', stroke: palette.expected, width: 1.25, dash: [5, 4], points: { show: false } },
        { label: 'Value', stroke: palette.value, width: 1.6, points: { show: false } },
      ],
      bands: [{ series: [1, 2], fill: palette.band }],
      axes: [this.#timeAxis(true), this.#valueAxis((splits) => splits.map((split) => shortNumber(split, splits)))],
      scales: { x: { time: true }, y: { range: (_plot, min, max) => padded(min, max) } },
    }
  }

  #scoreOptions(width: number): uPlot.Options {
    const palette = this.#palette
    return {
      ...this.#common(width, 120),
      series: [
        {},
        {
          label: 'Score',
          stroke: palette.expected,
          width: 1.4,
          points: { show: false },
        },
      ],
      axes: [this.#timeAxis(false), this.#valueAxis((splits) => splits.map((split) => split.toFixed(1)), [0, 0.5, 1])],
      scales: { x: { time: true }, y: { range: () => [0, 1] } },
    }
  }

  #common(width: number, height: number): Omit<uPlot.Options, 'series'> {
    return {
      width,
      height,
      ms: 1,
      legend: { show: false },
      padding: [10, 12, 0, 0],
      cursor: {
        y: false,
        drag: { x: true, y: false, setScale: false },
        sync: { key: 'sensor', setSeries: false, scales: ['x', null] },
        points: { size: 7 },
        bind: {
          dblclick: () => () => {
            this.#events.reset()
            return null
          },
        },
      },
      hooks: {
        drawClear: [(plot) => this.#ground(plot)],
        draw: [(plot) => this.#over(plot)],
        setCursor: [(plot) => this.#tellCursor(plot)],
        setSelect: [(plot) => this.#tellZoom(plot)],
      },
    }
  }

  #timeAxis(labels: boolean): uPlot.Axis {
    const { grid, text } = this.#palette
    return {
      stroke: text,
      font,
      size: labels ? 44 : 12,
      space: 84,
      grid: { stroke: grid, width: 1 },
      ticks: { show: labels, stroke: grid, width: 1, size: 5 },
      values: (_plot, splits, _axis, _space, increment) =>
        labels
          ? axisLabels(
              splits.map((split) => split / 1_000),
              increment / 1_000,
              Date.now(),
            )
          : splits.map(() => ''),
    }
  }

  #valueAxis(values: (splits: number[]) => string[], fixed?: number[]): uPlot.Axis {
    const { grid, text } = this.#palette
    return {
      stroke: text,
      font,
      size: 58,
      grid: { stroke: grid, width: 1 },
      ticks: { show: false },
      values: (_plot, splits) => values(splits),
      ...(fixed === undefined ? { space: 44 } : { splits: () => fixed }),
    }
  }

  /** Behind the lines: the time in alarm. */
  #ground(plot: uPlot): void {
    const { ctx } = plot
    const { left, top, width, height } = plot.bbox
    ctx.save()
    ctx.beginPath()
    ctx.rect(left, top, width, height)
    ctx.clip()
    ctx.fillStyle = this.#palette.alarmGround
    for (const { fromMs, toMs } of this.#alarms) {
      const from = plot.valToPos(fromMs, 'x', true)
      ctx.fillRect(from, top, Math.max(plot.valToPos(toMs, 'x', true) - from, 2), height)
    }
    ctx.restore()
  }

  /** Over the lines: the quality where it is not good; in the score chart the alarm boundary and what lies above it. */
  #over(plot: uPlot): void {
    const { ctx } = plot
    const { left, top, width, height } = plot.bbox
    ctx.save()
    ctx.beginPath()
    ctx.rect(left, top, width, height)
    ctx.clip()
    if (plot === this.#main) {
      const size = stripPx * devicePixelRatio
      for (const { fromMs, toMs, what } of this.#qualities) {
        ctx.fillStyle = qualityColour(what, this.#palette) ?? 'transparent'
        const from = plot.valToPos(fromMs, 'x', true)
        ctx.fillRect(from, top + height - size, Math.max(plot.valToPos(toMs, 'x', true) - from, 2), size)
      }
    } else this.#scoreOver(plot)
    ctx.restore()
  }

  #scoreOver(plot: uPlot): void {
    const { ctx } = plot
    const { left, top, width } = plot.bbox
    const boundary = plot.valToPos(0.5, 'y', true)
    ctx.strokeStyle = this.#palette.limit
    ctx.lineWidth = devicePixelRatio
    ctx.setLineDash([4 * devicePixelRatio, 4 * devicePixelRatio])
    ctx.beginPath()
    ctx.moveTo(left, boundary)
    ctx.lineTo(left + width, boundary)
    ctx.stroke()
    ctx.setLineDash([])
    // The part of the line above the boundary is drawn again in the alarm's colour.
    ctx.beginPath()
    ctx.rect(left, top, width, boundary - top)
    ctx.clip()
    ctx.strokeStyle = this.#palette.alarm
    ctx.lineWidth = 2 * devicePixelRatio
    ctx.beginPath()
    let pen = false
    this.#plotted.score.forEach((score, index) => {
      if (score !== null) {
        const x = plot.valToPos(this.#plotted.time[index]!, 'x', true)
        const y = plot.valToPos(score, 'y', true)
        if (pen) ctx.lineTo(x, y)
        else ctx.moveTo(x, y)
      }
      pen = score !== null
    })
    ctx.stroke()
  }

  #tellCursor(plot: uPlot): void {
    if (plot !== this.#main && plot !== this.#score) return
    const { idx, left } = plot.cursor
    const row = left === undefined || left < 0 || idx === null || idx === undefined ? undefined : this.#plotted.row[idx]
    this.#events.cursor(row === undefined || row < 0 ? null : row)
  }

  #tellZoom(plot: uPlot): void {
    const { left, width } = plot.select
    if (width < 4) return
    const fromMs = plot.posToVal(left, 'x')
    const toMs = plot.posToVal(left + width, 'x')
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
    this.#events.zoom(fromMs, toMs)
  }
}

function padded(min: number | null, max: number | null): [number, number] {
  if (min === null || max === null) return [0, 1]
  const pad = (max - min) * 0.08 || Math.abs(max) * 0.05 || 1
  return [min - pad, max + pad]
}

function shortNumber(value: number, splits: readonly number[]): string {
  const step = Math.abs((splits[1] ?? 1) - (splits[0] ?? 0)) || 1
  if (Math.abs(value) >= 1e7 || step < 1e-4) return formatValue(value)
  let digits = 0
  while (digits < 4 && Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) > 1e-6) digits++
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace('-', '−')
}
