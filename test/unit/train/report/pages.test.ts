import { describe, expect, it } from 'vitest'
import { evaluationHtml } from '../../../../src/train/report/evaluation-page.ts'
import { lossCurve } from '../../../../src/train/report/loss-curve.ts'
import { escapeText } from '../../../../src/train/report/markup.ts'
import { residualHistogram } from '../../../../src/train/report/residual-histogram.ts'
import { trainingHtml } from '../../../../src/train/report/training-page.ts'
import { tuneHtml } from '../../../../src/train/report/tune-page.ts'
import { elementsOf } from './markup-check.ts'

const hostile = `</title><script>alert("x")</script>&amp;' onload="y`
const chart = lossCurve([{ epoch: 1, train: 2, validation: 3 }], 1)

/** A page reads well, asks nothing of anyone and runs nothing. */
function expectSelfContained(html: string): void {
  const names = elementsOf(html)
  for (const name of ['script', 'iframe', 'img', 'object', 'image', 'use']) expect(names).not.toContain(name)
  expect(html).not.toMatch(/https?:|url\(|@import|src=| on\w+="/)
  expect(html.startsWith('<!doctype html>\n<html lang="en">')).toBe(true)
  expect(html).toContain('prefers-color-scheme:dark')
  expect(html).toContain('name="viewport"')
}

describe('trainingHtml()', () => {
  it('shows the pictures and the card', () => {
    const html = trainingHtml({
      title: 'Training of outlet',
      sentence: 'It learned.',
      facts: [['seed', '1']],
      charts: [
        { title: 'Loss', note: 'by epoch', chart },
        { title: 'Residuals', chart: residualHistogram([1, 2, 3]), isHalf: true },
        { title: 'More', chart, isHalf: true },
      ],
    })
    expectSelfContained(html)
    expect(html).toContain('<title>Training of outlet – Residua</title>')
    expect(html).toContain('<dt>seed</dt><dd>1</dd>')
    // The wide picture is drawn for two widths, half ones for one.
    expect(html.match(/<svg/g)).toHaveLength(4)
    expect(html.match(/class="halves"/g)).toHaveLength(1)
  })
  it('escapes whatever it is given', () => {
    const html = trainingHtml({
      title: hostile,
      sentence: hostile,
      facts: [[hostile, hostile]],
      charts: [{ title: hostile, note: hostile, chart: { ...chart, label: hostile } }],
    })
    expectSelfContained(html)
  })
})

describe('evaluationHtml()', () => {
  const page = {
    title: 'Evaluation',
    sentence: 'The network wins.',
    columns: [{ name: 'method' }, { name: 'MAE', unit: '°C', best: 'lowest' as const }, { name: 'remark' }],
    rows: [
      { cells: ['network', 0.41, 'ours'], isOwn: true },
      { cells: ['naive', 0.5] },
      { cells: ['broken', null, hostile] },
    ],
    notes: [hostile],
    charts: [],
  }
  it('shows the table with its best value in bold, and dashes where nothing is known', () => {
    const html = evaluationHtml(page)
    expectSelfContained(html)
    expect(html).toContain(
      '<tr class="own"><th scope="row">network</th><td class="number"><strong>0.410</strong></td><td>ours</td></tr>',
    )
    expect(html).toContain('<th scope="row">naive</th><td class="number">0.500</td><td>–</td>')
    expect(html).toContain('<th scope="col" class="number">MAE <span class="unit">°C</span></th>')
  })
  it('takes a table without rows', () => {
    expectSelfContained(evaluationHtml({ ...page, rows: [], notes: [] }))
  })
})

describe('tuneHtml()', () => {
  const trials = Array.from({ length: 60 }, (_, k) => ({
    parameters: { hidden: 8 << (k % 3), cell: k % 2 === 0 ? 'GRU' : 'LSTM', rate: 10 ** (-1 - (k % 4)) },
    loss: k === 5 ? Number.NaN : 1 + ((k * 7) % 60) / 60,
    rung: k % 3,
  }))
  it('has a picture a parameter, the course of the best and a leaderboard', () => {
    const html = tuneHtml({ trials })
    expectSelfContained(html)
    for (const name of ['hidden', 'cell', 'rate', 'Best loss so far']) expect(html).toContain(`<h2>${name}</h2>`)
    expect(html.match(/<tr class="own">/g)).toHaveLength(1)
    expect(html.match(/<tr/g)).toHaveLength(1 + 50)
    expect(html).toContain('9 more trials are not listed.')
    expect(html).toContain('1 trial gave no loss.')
  })
  it('ranks trials that went further before those that were stopped early, however good their early loss', () => {
    const html = tuneHtml({
      trials: [
        { parameters: { hidden: 8 }, loss: 0.1, rung: 0 },
        { parameters: { hidden: 16 }, loss: 0.3, rung: 1 },
        { parameters: { hidden: 32 }, loss: 0.2, rung: 1 },
      ],
    })
    expect(html).toContain('The best of 3 trials, validation loss 0.2: hidden 32.')
  })
  it('stands parameters that only some trials have, and trials that all failed', () => {
    expectSelfContained(
      tuneHtml({
        trials: [
          { parameters: { a: 1 }, loss: 1 },
          { parameters: { [hostile]: hostile }, loss: 2 },
        ],
      }),
    )
    const failed = tuneHtml({ trials: [{ parameters: { a: 1 }, loss: Number.NaN }] })
    expectSelfContained(failed)
    expect(failed).toContain('<p class="lead">No trial gave a loss.')
    expectSelfContained(tuneHtml({ trials: [] }))
  })
})

describe('escapeText()', () => {
  it('leaves nothing that could end a text or an attribute', () => {
    expect(escapeText(`<a href="x" title='y'>&`)).toBe('&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;')
    expect(escapeText('a\u0000b\nc\ud800d°é漢😀')).toBe('a b c d°é漢😀')
  })
})
