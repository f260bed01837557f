/** One server-sent event. */
export interface StreamEvent {
  readonly event: string
  readonly data: string
}

/**
 * Takes server-sent events out of text that arrives in pieces.
 *
 * `EventSource` cannot carry a token in a header, so the stream is read with `fetch` and parsed here.
 * Source: the HTML standard, "Interpreting an event stream"; `id` and `retry` are not needed, comments are skipped.
 */
export class EventStreamParser {
  #rest = ''
  #event = ''
  #data: string[] = []

  push(text: string): StreamEvent[] {
    const events: StreamEvent[] = []
    const lines = (this.#rest + text).split(/\r\n|\n|\r/)
    this.#rest = lines.pop() ?? ''
    for (const line of lines) {
      if (line === '') {
        if (this.#data.length > 0) events.push({ event: this.#event || 'message', data: this.#data.join('\n') })
        this.#event = ''
        this.#data = []
        continue
      }
      const colon = line.indexOf(':')
      const field = colon < 0 ? line : line.slice(0, colon)
      const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '')
      if (field === 'event') this.#event = value
      else if (field === 'data') this.#data.push(value)
    }
    return events
  }
}
