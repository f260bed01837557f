import { type Signal, useSignal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Explanation } from '../../../runtime/api.ts'
import { askExplanation } from '../answers.ts'
import { formatTime, formatValue } from '../format.ts'
import { RequestError } from '../request.ts'
import { unitSign } from '../words.ts'
import { WhyBars } from './why-bars.tsx'

/** The newest reading is explained anew as often as this. */
const everyMs = 5_000

type Answer = Explanation | 'none' | null

function useExplanation(id: string, time: number | null): Answer {
  const answer = useSignal<Answer>(null)
  useEffect(() => {
    const abort = new AbortController()
    const path = `api/v1/sensors/${encodeURIComponent(id)}/explanation${time === null ? '' : `?time=${time}`}`
    const load = () =>
      void askExplanation(path, abort.signal).then(
        (explanation) => {
          answer.value = explanation
        },
        (error: unknown) => {
          // Another failure is told by the banner.
          if (error instanceof RequestError && error.code === 'not_found') answer.value = 'none'
        },
      )
    load()
    const timer = time === null ? setInterval(load, everyMs) : undefined
    return () => {
      clearInterval(timer)
      abort.abort()
    }
  }, [id, time])
  return answer.value
}

/** A number with its sign, as a contribution is. */
function signed(value: number, unit: string): string {
  const sign = value > 0 ? '+' : ''
  return `${sign}${formatValue(value)}${unit === '' ? '' : ` ${unit}`}`
}

function Contributions({ why, unit }: { why: Explanation; unit: string }) {
  const { residual, rest, against, channels, ticks } = why
  return (
    <dl class="why-parts">
      <div>
        <dt>Residual</dt>
        <dd>{signed(residual, unit)}</dd>
      </div>
      <div>
        <dt>{against === 'last' ? 'Change since the reading before' : 'Distance from its usual value'}</dt>
        <dd>{signed(rest, unit)}</dd>
      </div>
      {channels.map(({ channel, contribution }) => (
        <div key={channel}>
          <dt>Expected otherwise because of {channels.length > 1 ? channel : `the last ${ticks.length} readings`}</dt>
          <dd>{signed(contribution, unit)}</dd>
        </div>
      ))}
    </dl>
  )
}

/** Why a reading is not what was expected: one sentence, and what each reading before it contributed. */
export function Why({ id, unit, time }: { id: string; unit: string; time: Signal<number | null> }) {
  const why = useExplanation(id, time.value)
  const sign = unitSign(unit)
  return (
    <section class="panel why" aria-label="Why">
      <div class="why-head">
        <h2>Why</h2>
        {why !== null && why !== 'none' && (
          <span class="note">
            {time.value === null ? 'The newest reading, ' : 'The reading of '}
            {formatTime(why.time, Date.now())}
          </span>
        )}
        {time.value !== null && (
          <button
            type="button"
            class="secondary"
            onClick={() => {
              time.value = null
            }}
          >
            Follow the newest
          </button>
        )}
      </div>
      {why === null ? (
        <p class="note">Loading…</p>
      ) : why === 'none' ? (
        <p class="note">Nothing to explain yet: it needs a reading that was scored by a model that can be explained.</p>
      ) : (
        <>
          <p class="why-sentence">{why.sentence}.</p>
          <div class="why-body">
            <Contributions why={why} unit={sign} />
            <WhyBars ticks={why.ticks} unit={sign} />
          </div>
          <p class="note">Click the chart, or press Enter at its cursor, to explain another reading.</p>
        </>
      )}
    </section>
  )
}
