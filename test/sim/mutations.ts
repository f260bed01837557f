import { alarmColumns, C } from '../../src/core/columns.ts'
import type { AlarmTransition } from '../../src/domain/alarm.ts'
import type { Sink } from '../../src/ports/sink.ts'
import type { Source, SourceContext } from '../../src/ports/source.ts'
import type { AlarmJournal, StateStore } from '../../src/ports/state-store.ts'
import type { EngineOptions } from '../../src/runtime/engine-options.ts'
import type { Fate, Process } from './fate.ts'

/** The parts of a process that a bug can sit in. */
export type Parts = Pick<EngineOptions, 'pipeline' | 'store' | 'sources' | 'sinks'>

/** Where a bug is planted. */
interface Place {
  readonly fate: Fate
  readonly process: Process
}

/** Plants a bug: gives the parts that are other than they should be. */
export type Mutation = (parts: Parts, place: Place) => Partial<Parts>

/** Bugs that a program of this kind may well have, each of which the checkers must catch. */
export const mutations: Readonly<Record<string, Mutation>> = {
  'positions are committed before the state': ({ store }) => ({
    store: storeWith(store, {
      async commit(checkpoint) {
        await store.commit({ ...checkpoint, rows: [] })
        await store.commit({ ...checkpoint, positions: {} })
      },
    }),
  }),

  'deliveries are acknowledged when they arrive': ({ sources }) => ({ sources: sources.map(acknowledgedAtOnce) }),

  'a snapshot misses a column': ({ pipeline }) => withoutColumns(pipeline, C.novelty, C.novelty + 8),

  'the alarm is not in the checkpoint': ({ pipeline }) =>
    withoutColumns(pipeline, C.process, C.process + Object.keys(alarmColumns).length),

  'a checkpoint keeps the rows that were there before the last frame': ({ store }) => {
    let late: Parameters<StateStore['commit']>[0]['rows'] = []
    return {
      store: storeWith(store, {
        async commit(checkpoint) {
          const rows = late
          late = checkpoint.rows
          await store.commit({ ...checkpoint, rows })
        },
      }),
    }
  },

  'the journal answers before it is on disk': ({ store }, { fate, process }) => {
    const waiting: AlarmTransition[] = []
    return {
      store: storeWith(store, {
        journal: journalWith(store.journal, {
          async append(transitions) {
            waiting.push(...transitions)
            fate.time.after(40, () => void store.journal.append(waiting.splice(0)).catch(() => undefined), process)
            return []
          },
        }),
      }),
    }
  },

  'a sink says yes before it has the rows': ({ sinks }) => ({ sinks: sinks.map(hasty) }),

  'alarms are forgotten when a receiver fails': ({ sinks }) => ({
    sinks: sinks.map((sink) =>
      sink.writeAlarms === undefined
        ? sink
        : sinkWith(sink, { writeAlarms: async (all) => sink.writeAlarms!(all).catch(() => undefined) }),
    ),
  }),
}

function storeWith(store: StateStore, changes: Partial<StateStore>): StateStore {
  return {
    journal: store.journal,
    open: () => store.open(),
    load: () => store.load(),
    commit: (checkpoint) => store.commit(checkpoint),
    close: () => store.close(),
    ...changes,
  }
}

function journalWith(journal: AlarmJournal, changes: Partial<AlarmJournal>): AlarmJournal {
  return {
    append: (transitions) => journal.append(transitions),
    read: (after, count) => journal.read(after, count),
    newest: (count) => journal.newest(count),
    last: () => journal.last(),
    cursor: (sink) => journal.cursor(sink),
    advance: (sink, sequence) => journal.advance(sink, sequence),
    ...changes,
  }
}

function sinkWith(sink: Sink, changes: Partial<Sink>): Sink {
  const { name, settings, writeScores, writeAlarms } = sink
  const own = { name, settings, open: sink.open.bind(sink), close: sink.close.bind(sink) }
  return { ...own, ...(writeScores ? { writeScores } : {}), ...(writeAlarms ? { writeAlarms } : {}), ...changes }
}

function hasty(sink: Sink): Sink {
  const { writeScores } = sink
  if (writeScores === undefined) return sink
  return sinkWith(sink, {
    async writeScores(scores) {
      void writeScores(scores).catch(() => undefined)
    },
  })
}

/** The snapshot as if nobody had thought of these columns of numbers. */
function withoutColumns(pipeline: Parts['pipeline'], from: number, to: number): Partial<Parts> {
  const whole = pipeline.snapshot.bind(pipeline)
  pipeline.snapshot = (slot) => whole(slot).fill(0, from * 8, to * 8)
  return { pipeline }
}

function acknowledgedAtOnce(source: Source): Source {
  const start = source.start.bind(source)
  source.start = (context: SourceContext) =>
    start({
      ...context,
      deliver: async (delivery) => {
        await context.deliver({ ...delivery, acknowledge: () => undefined })
        await Promise.resolve(delivery.acknowledge()).catch(() => undefined)
      },
    })
  return source
}
