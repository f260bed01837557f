import { OperatingError } from '../base/errors.ts'
import type { Pipeline } from '../core/pipeline.ts'
import type { StateMeta } from '../ports/state-store.ts'

/**
 * Whether a state was written by another kernel and is taken over; false where it is this pipeline's own.
 *
 * Errors: `OperatingError('checkpoint')` for another format or model, for a change of the kernel that was not allowed, and
 * for a kernel whose rows this pipeline cannot read.
 */
export function takesOver(written: StateMeta, pipeline: Pipeline, isAllowed: boolean): boolean {
  const { meta } = pipeline
  const refuse = (key: keyof StateMeta, wayOut = ''): never => {
    throw new OperatingError(
      'checkpoint',
      `the state was written with ${key} ${written[key]}, this program has ${meta[key]}; ` +
        `use that one, ${wayOut}or move the state directory away to begin anew`,
    )
  }
  if (written.format !== meta.format) refuse('format')
  if (written.model !== meta.model) refuse('model')
  if (written.kernel === meta.kernel) return false
  const why = pipeline.misfit(written.kernel)
  if (why !== null) refuse('kernel', isAllowed ? `as --allow-kernel-change cannot help (${why}), ` : '')
  if (!isAllowed)
    refuse('kernel', 'or go on from its states with --allow-kernel-change (equal within rounding, not in bits), ')
  return true
}
