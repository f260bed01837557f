import type { AlarmTransition } from '../domain/alarm.ts'

/** One sensor's columns, keyed by id: slot numbers never leave the process. */
export interface StateRow {
  readonly id: string
  readonly labels: Readonly<Record<string, string>>
  readonly bytes: Uint8Array
}

/** What a checkpoint says of the program that wrote it; another kernel or model is refused. */
export interface StateMeta {
  readonly format: number
  readonly kernel: string
  readonly model: string
  /** The calendars by which days and weeks were learned: zones, their rules, holidays, shifts. Others are told, not refused. */
  readonly calendar: string
}

/** Everything that changed since the last checkpoint, committed in one transaction. */
export interface Checkpoint {
  readonly meta: StateMeta
  readonly rows: readonly StateRow[]
  readonly removed: readonly string[]
  /** Source name → position name → position. Merged over what is stored; null forgets a name. */
  readonly positions: Readonly<Record<string, Readonly<Record<string, string | null>>>>
}

/** What a start finds. */
export interface Restored {
  readonly meta: StateMeta | null
  readonly rows: Iterable<StateRow>
  readonly positions: Readonly<Record<string, Readonly<Record<string, string>>>>
}

/** A transition with its place in the journal. */
export interface JournalEntry {
  readonly sequence: number
  readonly transition: AlarmTransition
}

/**
 * The alarms' outbox: a transition is durable here before any sink sees it, and each sink has a cursor.
 * After a crash the same readings give the same transition ids, which `append` knows and does not add again.
 */
export interface AlarmJournal {
  /** Adds those transitions whose id is new; returns the added entries. Durable when it resolves. */
  append(transitions: readonly AlarmTransition[]): Promise<readonly JournalEntry[]>
  /** Entries after `sequence`, oldest first. */
  read(afterSequence: number, count: number): readonly JournalEntry[]
  /** The newest entries, newest first. */
  newest(count: number): readonly JournalEntry[]
  /** The newest sequence, 0 when empty. */
  last(): number
  /** The last entry a sink took; undefined for a sink never seen (it starts at `last()`). */
  cursor(sink: string): number | undefined
  advance(sink: string, sequence: number): Promise<void>
}

/** Where state lives between runs. */
export interface StateStore {
  open(): Promise<void>
  load(): Restored
  /** Durable when it resolves: rows, alarm states and positions together or not at all. */
  commit(checkpoint: Checkpoint): Promise<void>
  readonly journal: AlarmJournal
  close(): Promise<void>
}
