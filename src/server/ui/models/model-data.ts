import { signal } from '@preact/signals'
import type { ModelsAnswer } from '../../model-schema.ts'
import { askJson } from '../request.ts'

/** A registered model as the page shows it. */
export type ShownModel = ModelsAnswer['registered'][number]
/** One version of it. */
export type ShownVersion = ShownModel['versions'][number]
/** The live model against its shadow. */
export type ShownComparison = NonNullable<ShownModel['comparison']>

/** What runs and what is registered; null until the first answer. */
export const models = signal<ModelsAnswer | null>(null)

/** A change of a model that somebody wants to make. */
export type WantedChange =
  | { readonly kind: 'promote'; readonly name: string; readonly version: number }
  | { readonly kind: 'shadow'; readonly name: string; readonly version: number }
  | { readonly kind: 'end-shadow'; readonly name: string; readonly version: number }
  | { readonly kind: 'rollback'; readonly name: string; readonly version: number }

/** Asks for the models. Errors: `RequestError`. */
export async function loadModels(abort: AbortSignal): Promise<void> {
  models.value = await askJson<ModelsAnswer>('api/v1/models', { signal: abort })
}

/** Makes a change; what runs afterwards is in `models`. Errors: `RequestError`. */
export async function changeModel({ kind, name, version }: WantedChange, reason: string): Promise<void> {
  const action = kind === 'end-shadow' ? 'shadow' : kind
  const what = kind === 'rollback' ? {} : { version: kind === 'end-shadow' ? null : version }
  models.value = await askJson<ModelsAnswer>(`api/v1/models/${encodeURIComponent(name)}/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...what, reason }),
  })
}

/** How much smaller or larger the shadow's error is, in words. */
export function verdict(relativeError: number | null): string {
  if (relativeError === null) return 'No reading has told the two apart yet.'
  const percent = Math.round(Math.abs(1 - relativeError) * 1_000) / 10
  if (percent < 0.5) return 'The shadow forecasts as well as the live model.'
  return `The shadow’s error is ${percent} % ${relativeError < 1 ? 'smaller' : 'larger'} than the live model’s.`
}
