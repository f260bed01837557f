import { linearAxis, rangeOf } from './axis.ts'
import { type Chart, emptyChart } from './chart.ts'
import { pixel, svgLine, svgText, textWidth } from './markup.ts'
import { columnText } from './number-text.ts'

/** One bar; `lower` and `upper` are the ends of its confidence interval. */
export interface Bar {
  readonly name: string
  readonly value: number
  readonly lower?: number
  readonly upper?: number
  /** Our own network: drawn dark, among grey ones. */
  readonly isOwn?: boolean
}

/** What a bar chart shows. */
export interface BarsOptions {
  readonly label: string
  readonly xTitle: string
  readonly bars: readonly Bar[]
  /** A line to compare with, such as the error of the naive forecast. */
  readonly reference?: { readonly value: number; readonly text: string }
  readonly empty: string
}

const rowPx = 26
const barPx = 12

/** Lying bars from 0 with error bars, one a row in the order given; names at the left, values at the right. */
export function barsChart(options: BarsOptions): Chart {
  const { bars, reference } = options
  const ends = bars.flatMap(({ value, lower, upper }) => [value, lower ?? value, upper ?? value])
  const range = rangeOf([ends, [0], reference === undefined ? [] : [reference.value]])
  if (range === null || !bars.some(({ value }) => Number.isFinite(value))) return emptyChart(options.empty)
  const texts = columnText(bars.map(({ value }) => value))
  const draw = (widthPx: number) => {
    const namesPx = Math.min(Math.max(...bars.map(({ name }) => textWidth(name))), widthPx * 0.4)
    const left = namesPx + 10
    const right = widthPx - Math.max(...texts.map(textWidth)) - 14
    const top = reference === undefined ? 6 : 24
    const bottom = top + rowPx * bars.length + 4
    const axis = linearAxis(range[0], range[1], Math.max(2, Math.floor((right - left) / 80)))
    const px = (value: number): number => left + axis.place(value) * (right - left)
    const row = (k: number): number => top + rowPx * (k + 0.5)
    const body = [
      ...axis.ticks.map(({ value }) => svgLine(px(value), top, px(value), bottom, value === 0 ? 'base' : 'grid')),
      ...axis.ticks.map(({ value, label }) => svgText(px(value), bottom + 16, label, '', 'middle')),
      ...bars.map((bar, k) => drawBar(bar, px, row(k))),
      ...bars.map(({ name, isOwn = false }, k) =>
        svgText(namesPx, row(k) + 4, fitted(name, namesPx), isOwn ? 'strong' : '', 'end'),
      ),
      ...bars.map(({ isOwn = false }, k) => svgText(widthPx, row(k) + 4, texts[k]!, isOwn ? 'strong' : '', 'end')),
      reference === undefined ? '' : drawReference(reference, px, top, bottom, widthPx),
      svgText(right, bottom + 34, options.xTitle, '', 'end'),
    ]
    return { heightPx: bottom + 40, body: body.join('') }
  }
  return { label: options.label, draw }
}

function fitted(name: string, roomPx: number): string {
  if (textWidth(name) <= roomPx + 1) return name
  return `${name.slice(0, Math.max(1, Math.floor(roomPx / textWidth('m')) - 1))}…`
}

function drawBar({ value, lower, upper, isOwn = false }: Bar, px: (value: number) => number, y: number): string {
  if (!Number.isFinite(value)) return ''
  const from = px(Math.min(value, 0))
  const width = Math.max(1, px(Math.max(value, 0)) - from)
  const style = isOwn ? 'solid' : 'pale'
  const bar = `<rect x="${pixel(from)}" y="${pixel(y - barPx / 2)}" width="${pixel(width)}" height="${barPx}" class="${style}"/>`
  if (lower === undefined || upper === undefined || !Number.isFinite(lower + upper)) return bar
  const [a, b] = [px(lower), px(upper)]
  const whisker = `M${pixel(a)} ${pixel(y)}H${pixel(b)}M${pixel(a)} ${pixel(y - 4)}v8M${pixel(b)} ${pixel(y - 4)}v8`
  // The whisker's own halo, so that it is seen on a dark bar as well as beside it.
  return `${bar}<path d="${whisker}" class="under"/><path d="${whisker}" class="whisker"/>`
}

function drawReference(
  { value, text }: { readonly value: number; readonly text: string },
  px: (value: number) => number,
  top: number,
  bottom: number,
  widthPx: number,
): string {
  const at = px(value)
  const half = textWidth(text) / 2
  const centre = Math.min(Math.max(at, half), widthPx - half)
  return svgLine(at, top - 4, at, bottom, 'mark') + svgText(centre, 12, text, '', 'middle')
}
