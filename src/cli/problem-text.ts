import type { Problem } from '../base/errors.ts'
import { paintFor } from './terminal.ts'

const valueLengthMax = 60

function valueText(value: unknown): string {
  const text = typeof value === 'string' && value === '(hidden)' ? value : JSON.stringify(value)
  return text.length > valueLengthMax ? `${text.slice(0, valueLengthMax)}…` : text
}

/**
 * All problems of a configuration as text for a person: where, which value, what was expected, what to write.
 *
 * `file` is the name that stands before each line number, so that a terminal can open it.
 */
export function problemText(file: string, problems: readonly Problem[]): string {
  const paint = paintFor(process.stderr)
  const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
  const blocks = problems.map(({ path, value, expected, hint, line }) => {
    const place = line === undefined ? '' : `${paint.dim(`${file}:${line}`)}  `
    const given = value === undefined ? '' : ` = ${valueText(value)}`
    const fix = hint === undefined ? '' : `\n    ${paint.green(hint)}`
    return `  ${place}${paint.bold(path)}${given}\n    ${expected}${fix}`
  })
  return `${paint.red(`${file} has ${count}:`)}\n\n${blocks.join('\n')}\n`
}
