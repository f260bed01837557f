import type { AlarmTransition } from '../domain/alarm.ts'
import type { InjectedFault } from './fault-schedule.ts'
import type { Judgement, Verdict } from './findings.ts'

/** What a colour does to a text; the identity where there are none. */
export interface Paint {
  bold(text: string): string
  dim(text: string): string
  red(text: string): string
  green(text: string): string
  yellow(text: string): string
  cyan(text: string): string
}

/** What the running demo tells, as it happens. */
export interface Teller {
  started(facts: {
    readonly page: string
    readonly broker: string
    readonly sensors: number
    readonly readyMs: number
    readonly stepMs: number
    readonly faultEveryMs: number
  }): void
  fault(injected: InjectedFault, timeMs: number, endMs: number): void
  alarm(transition: AlarmTransition, judgement: Judgement): void
  returned(transition: AlarmTransition): void
  recordEnded(failures: number, found: number, outside: number): void
}

/** A sensor's id without the part that all have in common. */
export function shortName(sensor: string): string {
  return sensor.startsWith('plant/') ? sensor.slice('plant/'.length) : sensor
}

/** A span of time in words, to two units: `45 s`, `3 min`, `2 h 10 min`. */
export function spanText(ms: number): string {
  const seconds = Math.round(ms / 1_000)
  if (seconds < 120) return `${seconds} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 120) return `${minutes} min`
  const rest = minutes % 60
  return rest === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${rest} min`
}

/** How long after its start a fault was found, in words. */
export function delayText(ms: number): string {
  return ms < 1_000 ? 'at once' : `after ${spanText(ms)}`
}

function clockText(ms: number): string {
  return new Date(ms).toTimeString().slice(0, 8)
}

function verdictText(verdict: Verdict): string {
  switch (verdict.about) {
    case 'fault': {
      const where = verdict.on === 'sensor' ? '' : ' (on the same machine)'
      return `fault ${verdict.record.injected.number} found ${delayText(verdict.afterMs)}${where}`
    }
    case 'failure':
      return `inside labelled failure ${verdict.number} of the real machine`
    case 'nothing':
      return 'nothing was injected here: a false alarm, or a consequence we did not list'
  }
}

/** Tells in lines for a person. */
export class TextTeller implements Teller {
  readonly #write: (text: string) => void
  readonly #paint: Paint

  constructor(write: (text: string) => void, paint: Paint) {
    this.#write = write
    this.#paint = paint
  }

  started(facts: Parameters<Teller['started']>[0]): void {
    const { bold, cyan, dim } = this.#paint
    const pace = facts.stepMs === 1_000 ? 'every second' : `every ${facts.stepMs} ms`
    this.#write(
      [
        bold('Residua demo: a simulated plant of six machines, and the record of a real one'),
        `  open      ${cyan(bold(facts.page))}`,
        `  broker    ${facts.broker}   ${dim('your own readings too: topics plant/AREA/ASSET/MEASUREMENT')}`,
        `  pace      ${facts.sensors} sensors; ${pace} a minute of the plant passes, and 100 minutes of the real machine`,
        `  faults    one every ${spanText(facts.faultEveryMs)}; everything is in memory, nothing is left on disk`,
        dim(`  ready after ${(facts.readyMs / 1_000).toFixed(1)} s; Ctrl-C stops`),
        '',
        '',
      ].join('\n'),
    )
  }

  fault({ number, fault }: InjectedFault, timeMs: number, endMs: number): void {
    const what = `${fault.kind} at ${shortName(fault.sensor)} for ${spanText(endMs - timeMs)}`
    this.#line(timeMs, this.#paint.yellow('fault '), `${number}  ${what}: ${fault.story}`)
  }

  alarm({ alarm }: AlarmTransition, { verdict, again }: Judgement): void {
    const { bold, dim, red } = this.#paint
    const text = `${bold(shortName(alarm.sensor))}  ${alarm.message}`
    if (again) this.#line(alarm.detectedTime, red('again '), text)
    else this.#line(alarm.detectedTime, red('ALARM '), `${text}  ${dim(`[${verdictText(verdict)}]`)}`)
  }

  returned({ alarm }: AlarmTransition): void {
    this.#line(alarm.detectedTime, this.#paint.green('normal'), shortName(alarm.sensor))
  }

  recordEnded(failures: number, found: number, outside: number): void {
    this.#write(
      `the real machine's record of 79 days is over: ${found} of ${failures} labelled failures found, ` +
        `${outside} alarms outside them; the plant goes on\n`,
    )
  }

  #line(timeMs: number, word: string, text: string): void {
    this.#write(`${this.#paint.dim(clockText(timeMs))}  ${word}  ${text}\n`)
  }
}

/** Tells in JSON, one object a line. */
export class JsonTeller implements Teller {
  readonly #write: (text: string) => void

  constructor(write: (text: string) => void) {
    this.#write = write
  }

  started(facts: Parameters<Teller['started']>[0]): void {
    this.#line({ event: 'started', ...facts })
  }

  fault({ number, fault }: InjectedFault, timeMs: number, endMs: number): void {
    const { kind, sensor, magnitude, story } = fault
    this.#line({ event: 'fault', number, kind, sensor, magnitude, story, start: timeMs, end: endMs })
  }

  alarm({ alarm }: AlarmTransition, { verdict, again }: Judgement): void {
    const about =
      verdict.about === 'fault'
        ? { about: 'fault', fault: verdict.record.injected.number, on: verdict.on, afterMs: verdict.afterMs }
        : verdict
    this.#line({ event: 'alarm', alarm, again, verdict: about })
  }

  returned({ alarm }: AlarmTransition): void {
    this.#line({ event: 'returned', alarm })
  }

  recordEnded(failures: number, found: number, outside: number): void {
    this.#line({ event: 'record-ended', failures, found, outside })
  }

  #line(fields: Readonly<Record<string, unknown>>): void {
    this.#write(`${JSON.stringify(fields)}\n`)
  }
}
