import { limits } from '../base/limits.ts'
import type { Delivery, Source } from '../ports/source.ts'

/** A delivery with the source it came from. */
export interface InboxItem {
  readonly source: Source
  readonly index: number
  readonly delivery: Delivery
}

/** Deliveries that wait for the engine, bounded by records and bytes: beyond it `put` resolves later, which is back pressure. */
export class Inbox {
  #items: InboxItem[] = []
  #head = 0
  #waiting: (() => void)[] = []
  records = 0
  bytes = 0

  /** Takes an item in any case; resolves when there is room for the next. */
  put(item: InboxItem): Promise<void> {
    this.#items.push(item)
    this.records += item.delivery.records.length
    this.bytes += bytesOf(item)
    if (this.#room()) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  take(): InboxItem | undefined {
    const item = this.#items[this.#head]
    if (item === undefined) return undefined
    this.#head += 1
    if (this.#head > 1_024 && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head)
      this.#head = 0
    }
    this.#release(item)
    return item
  }

  /** Drops a source's waiting deliveries of these positions: somebody else will get them. */
  revoke(source: Source, names: readonly string[]): void {
    const gone = new Set(names)
    this.#filter((item) => {
      const positions = Object.keys(item.delivery.positions)
      return !(item.source === source && positions.length > 0 && positions.every((name) => gone.has(name)))
    })
  }

  /** Drops everything, unacknowledged. */
  abandon(): void {
    this.#filter(() => false)
  }

  #filter(keep: (item: InboxItem) => boolean): void {
    const kept: InboxItem[] = []
    for (const item of this.#items.slice(this.#head)) {
      if (keep(item)) kept.push(item)
      else {
        this.#release(item)
        item.delivery.abandon?.()
      }
    }
    this.#items = kept
    this.#head = 0
  }

  #release(item: InboxItem): void {
    this.records -= item.delivery.records.length
    this.bytes -= bytesOf(item)
    if (this.#room()) for (const resolve of this.#waiting.splice(0)) resolve()
  }

  #room(): boolean {
    return this.records < limits.inboxRecords && this.bytes < limits.inboxBytes
  }
}

function bytesOf(item: InboxItem): number {
  let bytes = 0
  for (const record of item.delivery.records) bytes += record.bytes.length
  return bytes
}
