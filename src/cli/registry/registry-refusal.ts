import { UsageError } from '../failure.ts'

/** Why a registry refuses: there is no such name or version, the change makes no sense now, or a name cannot be one. */
export type RefusalKind = 'unknown' | 'conflict' | 'invalid'

/** What was asked of a registry cannot be done; the message says why and what can. The command exits with 2. */
export class RegistryRefusal extends UsageError {
  readonly kind: RefusalKind

  constructor(kind: RefusalKind, message: string) {
    super(message)
    this.kind = kind
  }
}
