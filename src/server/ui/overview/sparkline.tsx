import { useSignalEffect } from '@preact/signals'
import { useRef } from 'preact/hooks'
import { sensorSignal } from '../plant.ts'
import { sparkline } from '../sparkline-data.ts'
import { sparklineBox, sparklinePath } from './sparkline-path.ts'

const { width, height, inset } = sparklineBox

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
