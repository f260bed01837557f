import type { Explanation } from '../../../runtime/api.ts'
import { formatTime, formatValue } from '../format.ts'

const height = 96
const step = 12

type Tick = Explanation['ticks'][number]

function inWords(ticks: readonly Tick[], unit: string): string {
  const largest = ticks.toSorted((a, b) => Math.abs(b.contribution) - Math.abs(a.contribution)).slice(0, 3)
  const told = largest.map(({ time, contribution }) => {
    const sign = contribution > 0 ? 'raised' : 'lowered'
    return `${formatTime(time, Date.now())} ${sign} it by ${formatValue(Math.abs(contribution))} ${unit}`
  })
  return `What each reading before contributed to the residual. The largest: ${told.join('; ')}.`
}

/** One bar a reading, oldest first: above the line what raised the residual, below what lowered it. */
export function WhyBars({ ticks, unit }: { ticks: readonly Tick[]; unit: string }) {
  const most = Math.max(...ticks.map(({ contribution }) => Math.abs(contribution)), Number.MIN_VALUE)
  const half = height / 2
  return (
    <figure class="why-bars">
      <svg viewBox={`0 0 ${ticks.length * step} ${height}`} preserveAspectRatio="none" role="img">
        <title>{inWords(ticks, unit)}</title>
        {ticks.map(({ time, value, contribution }, at) => {
          const size = (Math.abs(contribution) / most) * (half - 4)
          return (
            <rect
              key={time}
              x={at * step + 2}
              y={contribution > 0 ? half - size : half}
              width={step - 4}
              height={Math.max(size, 0.5)}
              data-raised={contribution > 0}
            >
              <title>
                {formatTime(time, Date.now())}: {formatValue(value)} {unit} contributed {formatValue(contribution)}{' '}
                {unit}
              </title>
            </rect>
          )
        })}
        <line x1="0" x2={ticks.length * step} y1={half} y2={half} />
      </svg>
      <figcaption class="note">
        <span>{formatTime(ticks[0]?.time ?? null, Date.now())}</span>
        <span>each reading’s part of the residual</span>
        <span>{formatTime(ticks.at(-1)?.time ?? null, Date.now())}</span>
      </figcaption>
    </figure>
  )
}
