import { OperatingError } from '../../base/errors.ts'

/** Something in a model that a format cannot express: which module, what of it, and what to do. */
export class ExportError extends OperatingError {
  constructor(label: string, what: string, advice: string) {
    super('model', `${label}: ${what}; ${advice}`)
  }
}
