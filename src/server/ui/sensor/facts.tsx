import type { ComponentChildren } from 'preact'
import type { SensorSummary } from '../../../runtime/api.ts'
import { formatCount, formatScore, formatTime, formatValue } from '../format.ts'
import { hashOf } from '../hash.ts'
import { qualityWords, scoreWords, stateMeaning, unitSign } from '../words.ts'

function Fact({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}

function Amount({ value, unit }: { value: number | null; unit: string }) {
  return (
    <>
      <span class="number">{formatValue(value)}</span> {value !== null && <span class="unit">{unit}</span>}
    </>
  )
}

function Progress({ progress }: { progress: NonNullable<SensorSummary['progress']> }) {
  return (
    <Fact label="Learning">
      <progress value={progress.seen} max={progress.needed} aria-label="Readings learned" />
      <span class="note">
        {formatCount(progress.seen)} of {formatCount(progress.needed)} readings
      </span>
    </Fact>
  )
}

/** Everything that is known of a sensor now. */
export function Facts({ sensor }: { sensor: SensorSummary }) {
  const { state, quality, time, value, expected, lower, upper, score, progress, asset, labels } = sensor
  const unit = unitSign(sensor.unit)
  const residual = value === null || expected === null ? null : value - expected
  return (
    <section class="panel facts" aria-label="Facts">
      <div class="now" data-state={state}>
        <span class="now-value">
          <span class="number">{formatValue(value)}</span> <span class="unit">{unit}</span>
        </span>
        <span class="note">{formatTime(time, Date.now())}</span>
      </div>
      <p class="meaning">{stateMeaning[state]}.</p>
      <dl>
        {progress && <Progress progress={progress} />}
        <Fact label="Score">
          <span class="meter wide" data-high={score >= 0.5} aria-hidden="true">
            <span style={{ width: `${score * 100}%` }} />
          </span>
          <span class="number">{formatScore(score)}</span>
          <span class="note below">
            {state === 'normal' || state === 'anomaly' ? scoreWords(score) : 'not judged now'}
          </span>
        </Fact>
        <Fact label="Expected">
          <Amount value={expected} unit={unit} />
        </Fact>
        <Fact label="Band">
          <span class="number">{lower === null ? '–' : `${formatValue(lower)} … ${formatValue(upper)}`}</span>
        </Fact>
        <Fact label="Residual">
          {residual !== null && residual > 0 && '+'}
          <Amount value={residual} unit={unit} />
        </Fact>
        <Fact label="Quality">{qualityWords[quality]}</Fact>
        {asset !== null && (
          <Fact label="Asset">
            <a href={hashOf({ view: 'overview', search: asset, state: null })}>{asset}</a>
          </Fact>
        )}
        {Object.entries(labels)
          .filter(([name]) => name !== 'asset' && name !== 'measurement')
          .map(([name, text]) => (
            <Fact key={name} label={name}>
              {text}
            </Fact>
          ))}
      </dl>
    </section>
  )
}
