import type { AlarmTransition } from '../../src/domain/alarm.ts'
import type { OutcomeFrame } from '../../src/domain/outcome.ts'
import type { SensorCatalog } from '../../src/domain/sensor.ts'
import type { Sink, SinkContext, SinkSettings } from '../../src/ports/sink.ts'
import type { AlarmJournal, Checkpoint, StateStore } from '../../src/ports/state-store.ts'
import { createMemoryStore } from '../../src/state/memory-store.ts'
import type { Fate, Process } from './fate.ts'

/** The disk: what was committed outlives the process, whole or not at all. */
export class Disk {
  readonly store = createMemoryStore()
  readonly #fate: Fate

  constructor(fate: Fate) {
    this.#fate = fate
  }

  /** The store as one process has it open. */
  open(process: Process): StateStore {
    const { store } = this
    const operate = <T>(what: string, effect: () => Promise<T>): Promise<T> => this.#fate.operate(process, what, effect)
    const { journal } = store
    const wrapped: AlarmJournal = {
      append: (transitions) => operate('the journal', () => journal.append(transitions)),
      advance: (sink, sequence) => operate('a cursor', () => journal.advance(sink, sequence)),
      read: (after, count) => journal.read(after, count),
      newest: (count) => journal.newest(count),
      last: () => journal.last(),
      cursor: (sink) => journal.cursor(sink),
    }
    return {
      journal: wrapped,
      open: async () => undefined,
      load: () => store.load(),
      commit: (checkpoint: Checkpoint) => operate('the disk', () => store.commit(checkpoint)),
      close: async () => undefined,
    }
  }
}

const settings: SinkSettings = {
  scores: 'all',
  alarms: true,
  policy: 'block',
  batchReadings: 50,
  batchMs: 20,
  retryInitialMs: 5,
  retryMaxMs: 500,
  spillBytes: 0,
}

/** A row of the score table: every number with all its bits. */
export type ScoreRow = string

/** Where scores and alarms go, and what came there, in order. */
export class Receiver {
  /** By `sensor time`: the newest row, as a store that overwrites has it. */
  readonly table = new Map<string, ScoreRow>()
  /** Keys that were written with two different rows. */
  readonly changed: string[] = []
  readonly transitions: AlarmTransition[] = []
  readonly #fate: Fate

  constructor(fate: Fate) {
    this.#fate = fate
  }

  /** The two sinks of one process. */
  sinks(process: Process): readonly Sink[] {
    let catalog: SensorCatalog
    const open = async (context: SinkContext): Promise<void> => {
      catalog = context.catalog
    }
    const close = async (): Promise<void> => undefined
    const writeScores = (scores: OutcomeFrame): Promise<void> =>
      this.#fate.operate(process, 'the score table', () => this.#take(scores, catalog))
    const writeAlarms = (transitions: readonly AlarmTransition[]): Promise<void> =>
      this.#fate.operate(process, 'the alarm receiver', () => void this.transitions.push(...transitions))
    return [
      { name: 'scores', settings: { ...settings, alarms: false }, open, close, writeScores },
      { name: 'alarms', settings: { ...settings, scores: 'none' }, open, close, writeAlarms },
    ]
  }

  #take(scores: OutcomeFrame, catalog: SensorCatalog): void {
    for (let row = 0; row < scores.count; row++) {
      const key = `${catalog.spec(scores.slot[row]!).id} ${scores.timeMs[row]}`
      const text = rowText(scores, row)
      const before = this.table.get(key)
      if (before !== undefined && before !== text) this.changed.push(key)
      this.table.set(key, text)
    }
  }
}

const bits = new DataView(new ArrayBuffer(8))

function bitsOf(value: number): string {
  bits.setFloat64(0, value)
  return bits.getBigUint64(0).toString(36)
}

/** A row as text, bit for bit; the arrival stamp, which differs from run to run, is left out. */
export function rowText(frame: OutcomeFrame, row: number): ScoreRow {
  const { value, expected, lower, upper, residual, score, alarm, quality } = frame
  const numbers = [value, expected, lower, upper, residual, score].map((column) => bitsOf(column[row]!))
  return `${numbers.join(' ')} ${alarm[row]} ${quality[row]}`
}
