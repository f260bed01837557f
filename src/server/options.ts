/** What a token's owner may do: `viewer` reads, every other role also writes and deletes; `engineer` and `admin` change models. */
export type Role = 'viewer' | 'operator' | 'engineer' | 'admin'

/** Options of the HTTP server, as configuration yields them; `token` is a reference to a secret, read when it is used. */
export interface ServerOptions {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  /** Absent only on loopback; any other host needs tokens or an explicit `none`. */
  readonly auth?: 'none' | { readonly tokens: readonly { readonly role: Role; readonly token: string }[] } | undefined
}

/** Whether only programs on this machine can reach the host. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host)
}
