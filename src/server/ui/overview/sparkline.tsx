import { useSignalEffect } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { sensorSignal } from '../plant.ts'
import { sparkline, sparklinePoints } from '../sparkline-data.ts'

const width = 80
const height = 26
const inset = 3

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

/** A sensor's last values; drawn past the component tree, because nothing but the path changes. */
export function Sparkline({ id }: { id: string }) {
  const path = useRef<SVGPathElement>(null)
  const end = useRef<SVGCircleElement>(null)
  useSignalEffect(() => {
    const values = sparkline(id).value
    const sensor = sensorSignal(id)?.peek()
    const band = sensor && sensor.upper !== null && sensor.lower !== null ? sensor.upper - sensor.lower : 0
    const { d, endY } = sparklinePath(values ?? [], band)
    path.current?.setAttribute('d', d)
    end.current?.setAttribute('cy', String(endY ?? -10))
  })
  return (
    <svg class="sparkline" viewBox={`0 0 ${width} ${height}`} width={width} height={height} aria-hidden="true">
      <path ref={path} />
      <circle ref={end} cx={width - inset} cy={-10} r="2.2" />
    </svg>
  )
}
