import { OperatingError } from '../../base/errors.ts'

/** Something in a foreign model that cannot be expressed here: which layer or operator, what of it, and what to do. */
export class ImportError extends OperatingError {
  constructor(label: string, what: string, advice: string) {
    super('model', `${label}: ${what}; ${advice}`)
  }
}
