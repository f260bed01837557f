import { z } from 'zod'

const refusedLine = z.object({ line_number: z.number(), error_message: z.string() })

const refusal = z.object({
  error: z.string().optional(),
  message: z.string().optional(),
  data: z
    .union([refusedLine, z.array(refusedLine)])
    .nullish()
    .catch(undefined),
})

/**
 * Why a server refused a batch, out of its answer's body; the body itself where it is in no known form.
 *
 * Version 1 answers `{error}`, version 2 `{code, message}`, version 3 `{error, data}`, where `data` names the refused
 * lines, each as `{line_number, error_message}`: all others were taken when it is a list.
 */
export function refusalOf(body: string): string {
  const parsed = refusal.safeParse(tryParse(body))
  if (!parsed.success) return body
  const { error, message, data } = parsed.data
  const reason = error ?? message ?? body
  const lines = data == null ? [] : Array.isArray(data) ? data : [data]
  const [first] = lines
  if (first === undefined) return reason
  return `${reason}: ${lines.length} refused, line ${first.line_number}: ${first.error_message}`
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
