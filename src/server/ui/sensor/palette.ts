/** Colours of a chart, from the style sheet's tokens. */
export interface Palette {
  readonly value: string
  readonly expected: string
  readonly band: string
  readonly grid: string
  readonly text: string
  readonly alarm: string
  readonly alarmGround: string
  readonly limit: string
  readonly fault: string
  readonly silent: string
  readonly warmup: string
}

/** The palette of the theme that is on now. */
export function currentPalette(): Palette {
  const style = getComputedStyle(document.documentElement)
  const token = (name: string) => style.getPropertyValue(name).trim()
  return {
    value: token('--chart-value'),
    expected: token('--chart-expected'),
    band: token('--chart-band'),
    grid: token('--chart-grid'),
    text: token('--muted'),
    alarm: token('--anomaly'),
    alarmGround: token('--chart-alarm'),
    limit: token('--chart-limit'),
    fault: token('--fault'),
    silent: token('--silent'),
    warmup: token('--warmup'),
  }
}
