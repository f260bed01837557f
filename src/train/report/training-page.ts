import { type Fact, type Figure, factsHtml, figuresHtml, pageHtml } from './page.ts'

/** A training: what came of it, what the model's card says, and its pictures. */
export interface TrainingPage {
  readonly title: string
  readonly sentence: string
  readonly facts: readonly Fact[]
  readonly charts: readonly Figure[]
  /** Tables as HTML, between the sentence and the pictures. */
  readonly tables?: string
}

/** The page of a training: one HTML file, tables and pictures first. */
export function trainingHtml({ title, sentence, facts, charts, tables = '' }: TrainingPage): string {
  return pageHtml({ title, sentence, body: tables + figuresHtml(charts) + factsHtml('Model card', facts) })
}
