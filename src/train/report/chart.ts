import { escapeText, svgText } from './markup.ts'

/**
 * A picture that is drawn for the width it gets, so that its letters stay readable on a telephone.
 *
 * Units: pixels of CSS.
 */
export interface Chart {
  /** What the picture shows, in a sentence, for who cannot see it. */
  readonly label: string
  draw(widthPx: number): Drawing
}

/** What a chart draws: SVG elements within a box. */
export interface Drawing {
  readonly heightPx: number
  readonly body: string
}

/** A colour of the palette: our own network, what it is compared with, and two more. */
export type Ink = 'own' | 'other' | 'third' | 'quiet'

/**
 * The colours of pictures and pages. Inks have a contrast of 4.5 or more to the surface in both themes (WCAG 2 AA),
 * because their labels are text; `line` and `grid` carry no meaning of their own.
 */
export const lightColours =
  'color-scheme:light;--ground:#eceff1;--surface:#fff;--text:#1a2228;--muted:#57646d;--line:#c3ccd2;--grid:#e6ebee;' +
  '--own:#16415f;--other:#b04a12;--third:#2f7050;--quiet:#5f6e78;--band:#dbe4ea;--soft:#f3f6f7;--bar:#b3c0c9'
/** The same for `prefers-color-scheme: dark`. */
export const darkColours =
  'color-scheme:dark;--ground:#11171b;--surface:#1a2227;--text:#e5ebee;--muted:#a0aeb7;--line:#46545d;--grid:#263138;' +
  '--own:#a5d3ef;--other:#f0a367;--third:#7fcba0;--quiet:#94a4ae;--band:#2a3f4d;--soft:#202a30;--bar:#5d6d78'

const inks: readonly Ink[] = ['own', 'other', 'third', 'quiet']

/** The style sheet of every chart, below `svg.chart`. */
export const chartStyle = [
  'svg.chart{display:block;width:100%;height:auto;background:var(--surface);font:12px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;font-variant-numeric:tabular-nums}',
  '.chart text{fill:var(--muted)}.chart .strong{fill:var(--text);font-weight:600}',
  '.chart path{fill:none;stroke-linecap:round;stroke-linejoin:round}',
  '.chart .grid{stroke:var(--grid)}.chart .base{stroke:var(--line)}.chart .mark{stroke:var(--muted);stroke-dasharray:2 4}',
  '.chart .band{fill:var(--band)}.chart .halo{paint-order:stroke;stroke:var(--surface);stroke-width:4px;stroke-linejoin:round}',
  '.chart .under{stroke:var(--surface);stroke-width:2.8}.chart .whisker{stroke:var(--text);stroke-width:1.2}.chart .pale{fill:var(--bar)}.chart .solid{fill:var(--own)}',
  '.chart .ring{fill:none;stroke:var(--other);stroke-width:2}.chart .tone2{opacity:.6}.chart .tone1{opacity:.35}',
  ...inks.map(
    (ink) =>
      `.chart .${ink}{stroke:var(--${ink});stroke-width:1.6}.chart text.${ink}{fill:var(--${ink});stroke:none;font-weight:600}.chart circle.${ink}{fill:var(--${ink});stroke:var(--surface);stroke-width:1}`,
  ),
  '.chart path.thin{stroke-width:1}',
].join('\n')

/** The width of a chart's file, and of a chart on a wide page. */
export const wideChartPx = 720
/** The width for which charts are drawn on a telephone of 390 px, and side by side. */
export const narrowChartPx = 340

/** From this width on there is room for names at the right of lines. */
export function isWide(widthPx: number): boolean {
  return widthPx >= 520
}

/** A chart as an element of a page, whose style sheet has `chartStyle`. */
export function svgElement(chart: Chart, widthPx: number): string {
  return element(chart, widthPx, '', '')
}

/** A chart as a file of its own, light or dark as its viewer is. */
export function svgFile(chart: Chart, widthPx = wideChartPx): string {
  const colours = `:root{${lightColours}}@media(prefers-color-scheme:dark){:root{${darkColours}}}`
  return element(chart, widthPx, ' xmlns="http://www.w3.org/2000/svg"', `<style>${colours}\n${chartStyle}</style>`)
}

function element(chart: Chart, widthPx: number, namespace: string, style: string): string {
  const { heightPx, body } = chart.draw(widthPx)
  const label = escapeText(chart.label)
  const height = Math.ceil(heightPx)
  return (
    `<svg${namespace} class="chart" role="img" aria-label="${label}" viewBox="0 0 ${widthPx} ${height}" ` +
    `width="${widthPx}" height="${height}">${style}${body}</svg>\n`
  )
}

/** A chart that says why there is nothing to see. */
export function emptyChart(text: string): Chart {
  return {
    label: text,
    draw: (widthPx) => ({ heightPx: 80, body: svgText(widthPx / 2, 44, text, '', 'middle') }),
  }
}
