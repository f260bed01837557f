import { type Figure, figuresHtml, notesHtml, pageHtml } from './page.ts'
import { type Column, type Row, tableHtml } from './table.ts'

/** An evaluation: the finding, the table that shows it, and its pictures. */
export interface EvaluationPage {
  readonly title: string
  readonly sentence: string
  /** What the table compares; default "Comparison". */
  readonly caption?: string
  readonly columns: readonly Column[]
  readonly rows: readonly Row[]
  readonly notes: readonly string[]
  readonly charts: readonly Figure[]
}

/** The page of an evaluation: one HTML file. Errors: none; a row shorter than the columns has dashes. */
export function evaluationHtml(page: EvaluationPage): string {
  const table = `<section class="card">${tableHtml(page.caption ?? 'Comparison', page.columns, page.rows)}</section>\n`
  return pageHtml({ ...page, body: table + notesHtml(page.notes) + figuresHtml(page.charts) })
}
