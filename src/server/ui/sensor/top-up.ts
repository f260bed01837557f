import { useEffect, useRef } from 'preact/hooks'
import { askHistory } from '../answers.ts'
import { sensorSignal } from '../plant.ts'
import { append, appendHistory, type Columns } from './chart-data.ts'

/** A fast sensor is asked for what the stream left out this often, and no more. */
const waitMs = 700
const points = 2_000

/** A function that, a moment later, asks the server for the rows that are missing behind the columns' last. */
export function useTopUp(id: string, columns: Columns, done: () => void): () => void {
  const timer = useRef<ReturnType<typeof setTimeout>>()
  const abort = useRef(new AbortController())
  useEffect(
    () => () => {
      clearTimeout(timer.current)
      abort.current.abort()
    },
    [],
  )
  const ask = async () => {
    const from = (columns.time.at(-1) ?? 0) + 1
    const path = `api/v1/sensors/${encodeURIComponent(id)}/history?from=${from}&points=${points}`
    try {
      const before = columns.time.length
      appendHistory(columns, await askHistory(path, abort.current.signal))
      const newest = sensorSignal(id)?.peek()
      // A process that keeps no past of this sensor has only the live row to give.
      if (columns.time.length === before && newest !== undefined) append(columns, newest)
      done()
    } catch {
      // The next live row asks again.
    } finally {
      timer.current = undefined
    }
  }
  return () => {
    if (timer.current === undefined) timer.current = setTimeout(() => void ask(), waitMs)
  }
}
