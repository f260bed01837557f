import { describe, expect, it } from 'vitest'
import { createPrng } from '../../../../src/base/prng.ts'
import { darkColours, lightColours, narrowChartPx, svgElement, svgFile } from '../../../../src/train/report/chart.ts'
import { forecastChart, forecastSvg } from '../../../../src/train/report/forecast-chart.ts'
import { lossCurve, lossCurveSvg } from '../../../../src/train/report/loss-curve.ts'
import { textWidth } from '../../../../src/train/report/markup.ts'
import { spread } from '../../../../src/train/report/plot.ts'
import { residualHistogramSvg } from '../../../../src/train/report/residual-histogram.ts'
import { barsChart } from '../../../../src/train/report/svg-bars.ts'
import { histogramOf } from '../../../../src/train/report/svg-histogram.ts'
import { scatterChart } from '../../../../src/train/report/svg-scatter.ts'
import { elementsOf } from './markup-check.ts'

const textsOf = (svg: string): string[] => [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!)

/** All coordinates of elements lie within the box of the picture. */
function expectInside(svg: string): void {
  const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)!.map(Number)
  for (const [, x] of svg.matchAll(/ c?x="([-\d.]+)"/g)) {
    expect(Number(x)).toBeGreaterThanOrEqual(0)
    expect(Number(x)).toBeLessThanOrEqual(width!)
  }
  for (const [, y] of svg.matchAll(/ c?y="([-\d.]+)"/g)) {
    expect(Number(y)).toBeGreaterThanOrEqual(0)
    expect(Number(y)).toBeLessThanOrEqual(height!)
  }
}

it('gives a name of wide capitals the room that DejaVu Sans, the widest of the fonts, needs', () => {
  expect(textWidth('EWMA')).toBeGreaterThan(38.1)
})

const history = Array.from({ length: 40 }, (_, k) => ({
  epoch: k + 1,
  train: 1 / (k + 1),
  validation: 1.2 / (k + 1) + 0.0005 * k,
}))

describe('the loss curve', () => {
  it('names both lines, marks the best epoch and is logarithmic where losses fall far', () => {
    const svg = lossCurveSvg(history, 30)
    elementsOf(svg)
    expectInside(svg)
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['training', 'validation', 'epoch', 'loss, logarithmic']))
    expect(textsOf(svg)).toContain('best: epoch 30, loss 0.0545')
    expect(svg).toContain('aria-label="Loss by epoch; best: epoch 30, loss 0.0545."')
    expect(svg.length).toBeLessThan(8_000)
  })
  it('has one line without validation, a gap where a loss is no number, and says when there is nothing', () => {
    const svg = lossCurveSvg(
      history.map((epoch) => ({ ...epoch, validation: null, train: epoch.epoch === 7 ? Number.NaN : epoch.train })),
      null,
    )
    elementsOf(svg)
    expect(textsOf(svg)).not.toContain('validation')
    expect(/class="own" ?\/>|class="own"\/>/.test(svg)).toBe(true)
    expect(/d="(M[^"]*)" class="own"/.exec(svg)![1]!.match(/M/g)).toHaveLength(2)
    expect(textsOf(lossCurveSvg([], null))).toEqual(['No epoch was finished.'])
    elementsOf(lossCurveSvg(history.slice(0, 1), 1))
  })
  it('fits a telephone: names in a legend above, the best epoch in the corner', () => {
    const svg = svgElement(lossCurve(history, 30), narrowChartPx)
    elementsOf(svg)
    expectInside(svg)
    expect(textsOf(svg)).toContain('best: epoch 30, loss 0.0545')
  })
})

describe('the forecast', () => {
  const count = 20_000
  const random = createPrng(1)
  const timeMs = Float64Array.from({ length: count }, (_, i) => Date.UTC(2024, 2, 12) + i * 300_000)
  const truth = Float64Array.from(timeMs, () => 60 + random.normal())
  const predicted = truth.map((value) => value + 0.3 * random.normal())
  const series = { timeMs, truth, predicted, name: 'outlet', unit: '°C' }

  it('draws 20,000 readings with a band in less than 80 kB, the spike included', () => {
    const spiked = truth.map((value, i) => (i === 12_345 ? 200 : value))
    const lower = predicted.map((value) => value - 1)
    const upper = predicted.map((value) => value + 1)
    const svg = forecastSvg({ ...series, truth: spiked, lower, upper, bandName: '80 % band' })
    elementsOf(svg)
    expectInside(svg)
    expect(svg.length).toBeLessThan(80_000)
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['truth', 'forecast', '80 % band', 'outlet, °C', 'UTC', '200']))
    expect(svg).toContain('from 12 Mar 2024 00:00 to 20 May 2024 10:35 UTC.')
  })
  it('stands a series of nothing, of gaps and of one reading', () => {
    const nan = truth.map(() => Number.NaN)
    expect(textsOf(forecastSvg({ ...series, truth: nan, predicted: nan }))).toEqual(['There is no forecast to show.'])
    elementsOf(forecastSvg({ ...series, truth: nan }))
    elementsOf(forecastSvg({ timeMs: [0], truth: [5], predicted: [5] }))
    elementsOf(forecastSvg({ timeMs: [], truth: [], predicted: [] }))
  })
  it('gives the same picture again', () => {
    expect(forecastSvg(series)).toBe(forecastSvg(series))
    expect(svgElement(forecastChart(series), 340)).not.toBe(svgElement(forecastChart(series), 720))
  })
})

describe('the histogram', () => {
  it('counts every value once, in bins with 0 among their edges', () => {
    const random = createPrng(3)
    const values = Float64Array.from({ length: 5_000 }, () => random.normal())
    values[10] = 1e9
    values[20] = -1e9
    values[30] = Number.NaN
    const { from, step, counts, below, above, total } = histogramOf(values)!
    expect(total).toBe(4_999)
    expect(counts.reduce((sum, count) => sum + count, below + above)).toBe(total)
    expect([below, above]).toEqual([1, 1])
    expect(Math.abs(from / step - Math.round(from / step))).toBeLessThan(1e-9)
    expect(counts.length).toBeGreaterThanOrEqual(12)
    expect(counts.length).toBeLessThanOrEqual(100)
    const inFirst = values.filter((value) => value >= 0 && value < step).length
    expect(counts[Math.round(-from / step)]).toBe(inFirst)
  })
  it('stands equal, few and no values', () => {
    for (const values of [[0, 0, 0], [5], [1e-9, 2e-9], [-3, 1e12]]) {
      const svg = residualHistogramSvg(values)
      elementsOf(svg)
      expectInside(svg)
    }
    expect(textsOf(residualHistogramSvg([Number.NaN]))).toEqual(['There is no residual to show.'])
  })
  it('says the mean, the deviation and how many lie beyond the ends', () => {
    const random = createPrng(4)
    const values = Array.from({ length: 2_000 }, (_, i) => (i < 2 ? 500 : random.normal()))
    const texts = textsOf(residualHistogramSvg(values, 'bar')).join('|')
    expect(texts).toMatch(/mean 0\.\d+, standard deviation 15\.\d/)
    expect(texts).toMatch(/2 above [\d.]+ →/)
    expect(texts).toContain('observed − expected, bar')
  })
})

describe('the scatter plot', () => {
  const options = { label: 'Loss.', xTitle: 'rate', yTitle: 'loss', empty: 'nothing' }
  const circles = (svg: string): number => svg.match(/<circle/g)?.length ?? 0

  it('draws a dot a pair and a ring around the best; a failed one is left out', () => {
    const points = [1e-4, 1e-3, 1e-2, 3e-4, 5e-4].map((x, i) => ({
      x,
      y: i === 4 ? Number.NaN : 1 + i,
      tone: 3 as const,
    }))
    const svg = svgFile(scatterChart({ ...options, points, best: 0 }))
    elementsOf(svg)
    expectInside(svg)
    expect(circles(svg)).toBe(5)
    expect(textsOf(svg)).toContain('best 1 at 0.0001')
    // Rates that were drawn by their magnitude are shown by it.
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['0.001', '0.01']))
  })
  it('gives words columns, with equal dots beside each other', () => {
    const points = ['GRU', 'LSTM', 'GRU', 'GRU'].map((x) => ({ x, y: 1, tone: 2 as const }))
    const svg = svgElement(scatterChart({ ...options, points }), 340)
    elementsOf(svg)
    const places = [...svg.matchAll(/cx="([\d.]+)"/g)].map(([, x]) => x)
    // Three of GRU beside each other, and one of LSTM.
    expect(new Set(places).size).toBe(4)
    expect(textsOf(svg)).toEqual(expect.arrayContaining(['GRU', 'LSTM']))
  })
  it('gives the numbers of a grid columns in their order', () => {
    const points = [32, 8, 32, 8, 8, 16, 16, 16, 32].map((x, y) => ({ x, y, tone: 1 as const }))
    const svg = svgElement(scatterChart({ ...options, points }), 340)
    elementsOf(svg)
    const ticks = [...svg.matchAll(/<text x="([\d.]+)"[^>]*>(8|16|32)</g)].map(
      ([, x, text]) => [text, Number(x)] as const,
    )
    expect(ticks.map(([text]) => text).slice(-3)).toEqual(['8', '16', '32'])
    const [a, b, c] = ticks.slice(-3).map(([, x]) => x)
    expect(b! - a!).toBeCloseTo(c! - b!, 0)
  })
  it('says when there is nothing', () => {
    expect(textsOf(svgFile(scatterChart({ ...options, points: [] })))).toEqual(['nothing'])
  })
})

describe('the bars', () => {
  const options = { label: 'Errors.', xTitle: 'MAE', empty: 'nothing' }

  it('draws a bar a row with its error bar, names and values, and a line to compare with', () => {
    const bars = [
      { name: 'network', value: 0.4, lower: 0.35, upper: 0.47, isOwn: true },
      { name: 'a method with a very long name that does not fit', value: -0.2 },
      { name: 'failed', value: Number.NaN },
    ]
    for (const width of [340, 720]) {
      const svg = svgElement(barsChart({ ...options, bars, reference: { value: 0.5, text: 'naive' } }), width)
      elementsOf(svg)
      expectInside(svg)
      expect(svg.match(/<rect/g)).toHaveLength(2)
      expect(svg.match(/class="whisker"/g)).toHaveLength(1)
      expect(textsOf(svg)).toEqual(expect.arrayContaining(['network', '0.400', '−0.200', 'failed', '–', 'naive']))
    }
  })
  it('says when there is nothing', () => {
    expect(textsOf(svgFile(barsChart({ ...options, bars: [] })))).toEqual(['nothing'])
  })
})

describe('labels', () => {
  it('are moved apart and stay within the picture and in their order', () => {
    expect(spread([50, 52, 51], 15, 0, 100)).toEqual([50, 80, 65])
    expect(spread([98, 99], 15, 0, 100)).toEqual([85, 100])
    expect(spread([10, 60], 15, 0, 100)).toEqual([10, 60])
  })
})

describe('the palette', () => {
  /** Relative luminance. Source: WCAG 2.2. */
  const luminance = (hex: string): number => {
    const full = hex.length === 4 ? [...hex.slice(1)].map((sign) => sign + sign).join('') : hex.slice(1)
    const [r, g, b] = [0, 2, 4].map((at) => {
      const share = Number.parseInt(full.slice(at, at + 2), 16) / 255
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
  }
  for (const [theme, colours] of Object.entries({ light: lightColours, dark: darkColours })) {
    it(`has the contrast of WCAG AA: ${theme}`, () => {
      const tokens = new Map([...colours.matchAll(/--(\w+):(#\w+)/g)].map(([, name, hex]) => [name!, luminance(hex!)]))
      const contrast = (one: string, other: string): number => {
        const [low, high] = [tokens.get(one)!, tokens.get(other)!].sort((a, b) => a - b)
        return (high! + 0.05) / (low! + 0.05)
      }
      for (const ink of ['own', 'other', 'third', 'quiet', 'text', 'muted']) {
        expect(contrast(ink, 'surface'), `${ink} on surface`).toBeGreaterThanOrEqual(4.5)
      }
      for (const ink of ['text', 'muted']) expect(contrast(ink, 'ground')).toBeGreaterThanOrEqual(4.5)
      for (const ink of ['text', 'muted']) expect(contrast(ink, 'soft')).toBeGreaterThanOrEqual(4.5)
      expect(contrast('text', 'bar')).toBeGreaterThanOrEqual(3)
    })
  }
})
