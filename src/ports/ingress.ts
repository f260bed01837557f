/** What became of a body posted to `/api/v1/write`. */
export interface WriteResult {
  readonly accepted: number
  readonly rejected: readonly { readonly line?: number; readonly reason: string; readonly detail: string }[]
}

/** The HTTP source as the server sees it: bytes in, resolved after sinks and state have them. */
export interface Ingress {
  /** Errors: `OperatingError` busy when the pipeline is full or stopping. */
  write(body: Uint8Array, options: { readonly precision: 'ns' | 'us' | 'ms' | 's' }): Promise<WriteResult>
}
