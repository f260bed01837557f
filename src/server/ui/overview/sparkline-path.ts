/** Points of a sparkline. */
export const sparklinePoints = 48

/** Size of a sparkline in pixels, and what stays free around it. */
export const sparklineBox = { width: 80, height: 26, inset: 3 } as const

const { width, height, inset } = sparklineBox

/**
 * The path of a sparkline. The scale spans at least the expected band and a quarter, so that a calm signal looks calm and an
 * anomaly looks like one.
 */
export function sparklinePath(
  values: readonly (number | null)[],
  bandWidth: number,
): { d: string; endY: number | null } {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (value === null) continue
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  if (low > high) return { d: '', endY: null }
  const span = Math.max(high - low, 1.25 * bandWidth) || 1
  const middle = (low + high) / 2
  const x = (index: number) =>
    inset + ((width - 2 * inset) * (index + sparklinePoints - values.length)) / (sparklinePoints - 1)
  const y = (value: number) => height / 2 - ((height - 2 * inset) * (value - middle)) / span
  let d = ''
  let pen = 'M'
  values.forEach((value, index) => {
    if (value !== null) d += `${pen}${x(index).toFixed(1)} ${y(value).toFixed(1)}`
    pen = value === null ? 'M' : 'L'
  })
  const last = values.at(-1) ?? null
  return { d, endY: last === null ? null : y(last) }
}
