import type { Axis } from './axis.ts'
import { type Drawing, type Ink, isWide } from './chart.ts'
import { pixel, svgLine, svgText, textWidth } from './markup.ts'

/** A name of the legend. */
export interface LegendEntry {
  readonly name: string
  readonly ink: Ink | 'band'
  readonly isDashed?: boolean
}

/** What a plot is made of: two axes with their titles, and room for what stands around it. */
export interface PlotOptions {
  readonly widthPx: number
  readonly heightPx: number
  readonly xTitle: string
  readonly yTitle: string
  /** Called with the number of ticks that fit. */
  readonly xAxis: (count: number) => Axis
  readonly yAxis: (count: number) => Axis
  readonly legend?: readonly LegendEntry[]
  /** A short text at the top right. */
  readonly corner?: string
  /** Room at the right for names of lines. */
  readonly rightPx?: number
}

/** A plot: where values lie in pixels, and the elements behind and around them. */
export interface Plot {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
  readonly x: Axis
  readonly y: Axis
  readonly frame: string
  px(value: number): number
  py(value: number): number
}

const lineHeight = 18

/** Lays out a plot: a thin grid along y, a base line, the ticks' labels, titles and the legend. */
export function layOut(options: PlotOptions): Plot {
  const { widthPx, heightPx, yTitle, legend = [], corner = '', rightPx = 0 } = options
  const y = options.yAxis(isWide(widthPx) ? 6 : 5)
  const left = Math.max(28, ...y.ticks.map(({ label }) => textWidth(label))) + 10
  const x = options.xAxis(Math.max(2, Math.floor((widthPx - left - rightPx) / 72)))
  const lastLabel = textWidth(x.ticks.at(-1)?.label ?? '') / 2
  const right = widthPx - Math.max(rightPx, Math.min(lastLabel, 30), 8)
  const titlePx = textWidth(yTitle) + 24
  const besidePx = widthPx - titlePx - (corner === '' ? 0 : textWidth(corner) + gapPx)
  const oneRow = legendRows(legend, besidePx)
  // A legend that fits stands beside the title, else in rows of its own.
  const isBeside = oneRow.length <= 1
  const names = isBeside ? [] : legendRows(legend, widthPx)
  const top = lineHeight * (1 + names.length) + 8
  const hasTwoLines = x.ticks.some(({ below }) => below !== undefined)
  const bottom = heightPx - (options.xTitle === '' ? 6 : 20) - (hasTwoLines ? 35 : 20)
  const px = (value: number): number => left + x.place(value) * (right - left)
  const py = (value: number): number => bottom - y.place(value) * (bottom - top)
  const frame = [
    svgText(0, 13, yTitle, '', 'start'),
    corner === '' ? '' : svgText(widthPx, 13, corner, '', 'end'),
    ...(isBeside ? oneRow.map((row) => drawNames(row, titlePx, 13)) : []),
    ...names.map((row, k) => drawNames(row, 0, 13 + lineHeight * (k + 1))),
    ...y.ticks.map(({ value }) => svgLine(left, py(value), right, py(value), 'grid')),
    ...y.ticks.map(({ value, label }) => svgText(left - 8, py(value) + 4, label, '', 'end')),
    svgLine(left, bottom, right, bottom, 'base'),
    ...x.ticks.map(({ value }) => svgLine(px(value), bottom, px(value), bottom + 4, 'base')),
    ...xLabels(x, px, bottom, widthPx),
    options.xTitle === '' ? '' : svgText(right, heightPx - 4, options.xTitle, '', 'end'),
  ]
  return { left, right, top, bottom, x, y, frame: frame.join(''), px, py }
}

/** Labels of ticks; one that would touch the one before it, or leave the picture, is left out. */
function xLabels(x: Axis, px: (value: number) => number, bottom: number, widthPx: number): string[] {
  let free = 0
  const texts: string[] = []
  for (const { value, label, below } of x.ticks) {
    const half = Math.max(textWidth(label), textWidth(below ?? '')) / 2
    const at = Math.min(Math.max(px(value), half), widthPx - half)
    if (at - half < free || Math.abs(at - px(value)) > 8) continue
    free = at + half + 8
    texts.push(svgText(at, bottom + 18, label, '', 'middle'))
    if (below !== undefined && below !== '') texts.push(svgText(at, bottom + 33, below, '', 'middle'))
  }
  return texts
}

const keyPx = 26
const gapPx = 14

/** The names in as many rows as the width needs. */
function legendRows(legend: readonly LegendEntry[], widthPx: number): LegendEntry[][] {
  const rows: LegendEntry[][] = []
  let used = Number.POSITIVE_INFINITY
  for (const entry of legend) {
    const needs = keyPx + textWidth(entry.name) + gapPx
    if (used + needs > widthPx + gapPx) {
      rows.push([])
      used = 0
    }
    rows.at(-1)!.push(entry)
    used += needs
  }
  return rows
}

function drawNames(row: readonly LegendEntry[], from: number, y: number): string {
  let at = from
  let drawn = ''
  for (const { name, ink, isDashed = false } of row) {
    drawn += legendKey(at, y, ink, isDashed) + svgText(at + keyPx, y, name, ink === 'band' ? '' : ink, 'start')
    at += keyPx + textWidth(name) + gapPx
  }
  return drawn
}

function legendKey(x: number, y: number, ink: Ink | 'band', isDashed: boolean): string {
  if (ink === 'band') return `<rect x="${pixel(x)}" y="${pixel(y - 10)}" width="20" height="11" class="band"/>`
  const dashes = isDashed ? ' stroke-dasharray="5 4"' : ''
  return `<path d="M${pixel(x + 1)} ${pixel(y - 4)}h18" class="${ink}"${dashes}/>`
}

/** Moves labels apart that would lie over each other: centres at least `gap` apart, in their order, within two ends. */
export function spread(centres: readonly number[], gap: number, low: number, high: number): number[] {
  const order = centres.map((_, i) => i).sort((a, b) => centres[a]! - centres[b]! || a - b)
  const placed = [...centres]
  let free = low
  for (const i of order) {
    placed[i] = Math.max(placed[i]!, free)
    free = placed[i]! + gap
  }
  let limit = high
  for (const i of order.reverse()) {
    placed[i] = Math.min(placed[i]!, limit)
    limit = placed[i]! - gap
  }
  return placed
}

/** A plot's frame with what is drawn in it, as a drawing of the plot's height. */
export function drawingOf(plot: Plot, heightPx: number, behind: string, inside: string): Drawing {
  return { heightPx, body: behind + plot.frame + inside }
}
