import { qualityNames } from '../../domain/quality.ts'
import type { Model } from '../../model/model.ts'
import type { GateReport } from '../../train/linear/gate-report.ts'
import { grouped } from '../replay/report.ts'
import { leftOut } from './left-out.ts'
import type { ReadHistories } from './read-histories.ts'
import type { Taught } from './taught.ts'
import { sentenceOf } from './training-report.ts'

/** What a training came to, for a person. */
export function trainedText(taught: readonly Taught[], read: ReadHistories, interrupted: boolean): string {
  const lines = [readText(read)]
  for (const one of taught) {
    const { result, lesson, seconds } = one
    const best = result.history.find(({ epoch }) => epoch === result.bestEpoch)
    const loss = best === undefined ? '' : `loss ${best.train.toPrecision(4)}${validationText(best.validation)}, `
    lines.push(
      `${one.name}: ${grouped(lesson.train.count)} windows, ${loss}${seconds.toFixed(1)} s → ${one.dir}`,
      `  ${sentenceOf(one)}`,
    )
    if (one.gate !== null) lines.push(...gateLines(one.gate, one.model))
    for (const { channel, mae, naiveMae } of one.tests) {
      lines.push(`  ${channel}: mean error ${mae.toPrecision(4)}, last value ${naiveMae.toPrecision(4)}`)
    }
    for (const [at, { fitRows, testRows, relativeError }] of one.folds.entries()) {
      const error = `${relativeError.toFixed(3)} times that of the last value`
      lines.push(`  fold ${at + 1}: ${grouped(fitRows)} rows, tested on ${grouped(testRows)}: mean error ${error}`)
    }
  }
  if (interrupted) lines.push('stopped: the best weights so far are written; --resume goes on')
  return `${lines.join('\n')}\n`
}

/** The table of a linear part: at most four of its horizons, the first and the last among them. */
function gateLines({ errors, heldRows }: GateReport, { linear, forecast }: Model): string[] {
  const context = forecast?.context === undefined ? 'no context' : `context ${forecast.context.join(', ')}`
  const last = errors.length - 1
  const shown = new Set([0, Math.floor(last / 3), Math.floor((2 * last) / 3), last])
  const cells = errors
    .filter((_, at) => shown.has(at))
    .map(({ horizon, persistence, linear: ridge, corrected, gate }) => [
      String(horizon),
      ...[persistence, ridge, corrected].map((error) => error.toPrecision(4)),
      gate.toFixed(2),
    ])
  const head = ['steps ahead', 'last value', 'linear', 'linear + network', 'gate']
  const widths = head.map((name, at) => Math.max(name.length, ...cells.map((row) => row[at]!.length)))
  const line = (row: readonly string[]): string => `  ${row.map((cell, at) => cell.padStart(widths[at]!)).join('  ')}`
  const what = `  ridge on ${linear!.lags} lags, ${context}; mean errors on ${grouped(heldRows)} held-back rows:`
  return [what, line(head), ...cells.map(line)]
}

function validationText(validation: number | null): string {
  return validation === null ? '' : ` (validation ${validation.toPrecision(4)})`
}

function readText(read: ReadHistories): string {
  const { tally, histories, inAlarm } = read
  const rows = histories.reduce((sum, { timeMs }) => sum + timeMs.length, 0)
  const count = histories.reduce((sum, { channels }) => sum + channels.length, 0)
  const channels = `${grouped(count)} ${count === 1 ? 'channel' : 'channels'}`
  const { counts, lines } = leftOut(read)
  const without = counts.length === 0 ? '' : `; left out: ${counts.join(', ')}`
  const alarm =
    inAlarm === 0 ? '' : `; ${grouped(inAlarm)} in alarm under the base model (data.skipAlarms leaves them out)`
  const first = `read ${grouped(tally.rows)} readings: ${grouped(rows)} rows of ${channels} to learn from${without}${alarm}`
  return [first, ...lines].join('\n')
}

/** What a training came to, as one JSON object. */
export function trainedJson(
  taught: readonly Taught[],
  { tally, absurd, mute, inAlarm, fingerprint }: ReadHistories,
): string {
  return JSON.stringify({
    rows: tally.rows,
    leftOut: Object.fromEntries(
      qualityNames.map((name) => [name, tally.count(name)]).filter(([, count]) => count !== 0),
    ),
    unreadable: tally.unreadable,
    unreadableRows: tally.unreadableRows,
    withoutGoodReading: mute,
    absurd,
    inAlarm,
    data: fingerprint,
    models: taught.map(({ name, dir, model, lesson, result, tests, gate, folds, seconds }) => ({
      name,
      dir,
      weights: model.fingerprint,
      windows: lesson.train.count,
      history: result.history,
      bestEpoch: result.bestEpoch,
      stopped: result.stopped,
      seconds,
      folds,
      ...(gate === null ? {} : { gate }),
      test: tests.map(({ channel, mae, naiveMae }) => ({ channel, mae, naiveMae })),
    })),
  })
}
