import { z } from 'zod'

const refusal = z.object({
  error: z.string().optional(),
  message: z.string().optional(),
  data: z
    .array(z.object({ line_number: z.number(), error_message: z.string() }))
    .nullish()
    .catch(undefined),
})

/**
 * Why a server refused a batch, out of its answer's body; the body itself where it is in no known form.
 *
 * Version 1 answers `{error}`, version 2 `{code, message}`, version 3 `{error, data: [{line_number, error_message}]}`,
 * where `data` names the lines that were refused while the others were taken.
 */
export function refusalOf(body: string): string {
  const parsed = refusal.safeParse(tryParse(body))
  if (!parsed.success) return body
  const { error, message, data } = parsed.data
  const reason = error ?? message ?? body
  const first = data?.[0]
  if (data == null || first === undefined) return reason
  return `${reason}: ${data.length} refused, line ${first.line_number}: ${first.error_message}`
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
