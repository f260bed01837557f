import { OperatingError } from '../base/errors.ts'
import type { Pipeline } from '../core/pipeline.ts'
import { refused } from '../domain/sensor.ts'
import type { Restored, StateMeta } from '../ports/state-store.ts'
import type { EngineOptions } from './engine-options.ts'

/**
 * Whether a state was written by another kernel and is taken over; false where it is this pipeline's own.
 *
 * Errors: `OperatingError('checkpoint')` for another format or model, for a change of the kernel that was not allowed, and
 * for a kernel whose rows this pipeline cannot read.
 */
function takesOver(written: StateMeta, pipeline: Pipeline, isAllowed: boolean): boolean {
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

/**
 * Brings the state of the last run back into a pipeline that has no sensor yet. `isChanged`: another model goes on with it,
 * so every row is to be committed anew. `slots`: those that have a state now.
 *
 * Errors: `OperatingError('checkpoint')` for a state that this program cannot go on with.
 */
export function restoreState(
  options: Pick<EngineOptions, 'store' | 'pipeline' | 'catalog' | 'log' | 'handover' | 'allowKernelChange'>,
): { readonly positions: Restored['positions']; readonly isChanged: boolean; readonly slots: ReadonlySet<number> } {
  const { store, pipeline, catalog, log, handover, allowKernelChange } = options
  const { meta, rows, positions } = store.load()
  const slots = new Set<number>()
  if (meta === null) return { positions, isChanged: false, slots }
  const isChanged = meta.model !== pipeline.meta.model && handover?.enter(meta.model) === true
  if (takesOver(meta, pipeline, allowKernelChange === true)) {
    log.warn({ from: meta.kernel, to: pipeline.meta.kernel }, 'the states of another kernel are taken over')
  }
  if (meta.calendar !== pipeline.meta.calendar) {
    const text =
      'the calendar is another one than that of the state (time zones, their rules, holidays or shifts changed): what was ' +
      'learned of days and weeks goes on by the new one, so scores can differ from those of an undisturbed run'
    log.warn({ from: meta.calendar, to: pipeline.meta.calendar }, text)
  }
  for (const { id, labels, bytes } of rows) {
    const slot = catalog.intern(id, labels)
    if (slot === refused.badId) {
      log.warn({ asset: id.slice(1) }, 'the state holds an asset that the configuration does not have: it is left out')
      continue
    }
    if (slot < 0) throw new OperatingError('checkpoint', 'the state holds more sensors than limits.sensors allows')
    pipeline.restore(slot, bytes)
    slots.add(slot)
  }
  pipeline.clearDirty()
  log.info({ sensors: slots.size }, 'the state is restored')
  if (isChanged) {
    const adoption = handover!.leave()
    log.info({ from: meta.model, to: pipeline.meta.model, ...adoption }, 'another model goes on with the state')
  }
  return { positions, isChanged, slots }
}
