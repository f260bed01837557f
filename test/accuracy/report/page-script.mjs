// Runs in the report's page: filters the series and draws those that come into view.

/** @typedef {readonly [first: number, last: number]} Span */
/**
 * @typedef {object} Drawn
 * @property {string} corpus
 * @property {string} name
 * @property {string} kind
 * @property {string} fault
 * @property {string} severity
 * @property {string} half
 * @property {number} found
 * @property {number} falseOccurrences
 * @property {number | null} vus
 * @property {number} columns
 * @property {number} rows
 * @property {number} low
 * @property {number} high
 * @property {string} from
 * @property {string} to
 * @property {string} values
 * @property {string} scores
 * @property {readonly Span[]} windows
 * @property {readonly Span[]} alarms
 * @property {readonly Span[]} instrument
 */

/** @type {Drawn[]} */
const all = JSON.parse(document.getElementById('data')?.textContent ?? '[]')
const cards = /** @type {HTMLElement} */ (document.getElementById('cards'))
const form = /** @type {HTMLFormElement} */ (document.getElementById('filters'))
const count = /** @type {HTMLElement} */ (document.getElementById('count'))
const results = ['all', 'found', 'missed', 'false alarm', 'no alarm at all']

/** @param {string} text */
function bytes(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
}

/** @param {Drawn} one @param {string} result */
function hasResult(one, result) {
  if (result === 'found') return one.windows.length > 0 && one.found === one.windows.length
  if (result === 'missed') return one.found < one.windows.length
  if (result === 'false alarm') return one.falseOccurrences > 0
  if (result === 'no alarm at all') return one.alarms.length + one.instrument.length === 0
  return true
}

/** @param {string} name @param {readonly string[]} options */
function choice(name, options) {
  const label = document.createElement('label')
  const select = document.createElement('select')
  select.name = name
  select.append(...options.map((option) => new Option(option, option)))
  label.append(name, select)
  form.append(label)
}

for (const name of /** @type {const} */ (['corpus', 'kind', 'fault', 'severity', 'half'])) {
  choice(name, ['all', ...new Set(all.map((one) => one[name]).filter((value) => value !== ''))])
}
choice('result', results)

const left = 60
const valueTop = 8
const valueHeight = 106
const stripTop = 120
const scoreTop = 136
const scoreHeight = 44

/** @param {Drawn} one @param {HTMLCanvasElement} canvas */
function draw(one, canvas) {
  const ratio = window.devicePixelRatio
  const width = canvas.clientWidth
  canvas.width = width * ratio
  canvas.height = canvas.clientHeight * ratio
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'))
  pen.scale(ratio, ratio)
  const wide = width - left
  const x = (/** @type {number} */ row) => left + (wide * row) / one.rows
  /** @param {readonly Span[]} spans @param {string} color @param {number} top @param {number} height @param {number} least */
  const band = (spans, color, top, height, least) => {
    pen.fillStyle = color
    for (const [first, last] of spans) pen.fillRect(x(first), top, Math.max(least, x(last + 1) - x(first)), height)
  }
  band(one.windows, '#fde3b4', 0, scoreTop + scoreHeight, 2)
  band(one.alarms, 'rgba(198,32,48,.12)', 0, scoreTop + scoreHeight, 1)
  const values = bytes(one.values)
  const y = (/** @type {number} */ byte) => valueTop + valueHeight * (1 - byte / 255)
  pen.strokeStyle = '#28557f'
  pen.lineWidth = 1
  pen.beginPath()
  for (let column = 0; column < one.columns; column++) {
    const at = left + (wide * (column + 0.5)) / one.columns
    pen.lineTo(at, y(values[2 * column] ?? 0))
    pen.lineTo(at, y(values[2 * column + 1] ?? 0))
  }
  pen.stroke()
  band(one.alarms, '#c62030', stripTop, 5, 2)
  band(one.instrument, '#7b3fb5', stripTop + 6, 5, 2)
  const scores = bytes(one.scores)
  pen.strokeStyle = '#4b5563'
  pen.beginPath()
  for (let column = 0; column < one.columns; column++) {
    pen.lineTo(left + (wide * (column + 0.5)) / one.columns, scoreTop + scoreHeight * (1 - (scores[column] ?? 0) / 255))
  }
  pen.stroke()
  pen.strokeStyle = '#c62030'
  pen.setLineDash([4, 4])
  pen.beginPath()
  pen.moveTo(left, scoreTop + scoreHeight / 2)
  pen.lineTo(width, scoreTop + scoreHeight / 2)
  pen.stroke()
  pen.fillStyle = '#516274'
  pen.font = '11px system-ui, sans-serif'
  pen.textAlign = 'right'
  pen.fillText(one.high.toPrecision(4), left - 4, valueTop + 8)
  pen.fillText(one.low.toPrecision(4), left - 4, valueTop + valueHeight)
  pen.fillText('score', left - 4, scoreTop + scoreHeight / 2 + 4)
}

/** @param {string} text @param {string} name */
function mark(text, name) {
  const span = document.createElement('span')
  span.className = name
  span.textContent = text
  return span
}

/** @param {Drawn} one */
function card(one) {
  const article = document.createElement('article')
  const header = document.createElement('header')
  const name = document.createElement('b')
  name.textContent = one.corpus === 'bench' || one.name.startsWith(one.corpus) ? one.name : `${one.corpus}: ${one.name}`
  header.append(name)
  if (one.windows.length > 0) {
    header.append(
      mark(`found ${one.found} of ${one.windows.length}`, one.found === one.windows.length ? 'found' : 'missed'),
    )
  }
  if (one.falseOccurrences > 0) header.append(mark(`${one.falseOccurrences} false`, 'false'))
  const canvas = document.createElement('canvas')
  const small = document.createElement('small')
  const vus = one.vus === null ? '' : ` · VUS-PR ${one.vus.toFixed(2)}`
  small.textContent = `${one.from} … ${one.to} · ${one.rows} rows${vus}`
  article.append(header, canvas, small)
  return { article, canvas }
}

/** @type {WeakMap<Element, Drawn>} */
const toDraw = new WeakMap()
const observer = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      const one = toDraw.get(target)
      if (!isIntersecting || one === undefined) continue
      observer.unobserve(target)
      draw(one, /** @type {HTMLCanvasElement} */ (target))
    }
  },
  { rootMargin: '600px' },
)

function show() {
  const wanted = new FormData(form)
  const fits = (/** @type {'corpus' | 'kind' | 'fault' | 'severity' | 'half'} */ name, /** @type {Drawn} */ one) =>
    wanted.get(name) === 'all' || wanted.get(name) === one[name]
  const chosen = all.filter(
    (one) =>
      /** @type {const} */ (['corpus', 'kind', 'fault', 'severity', 'half']).every((name) => fits(name, one)) &&
      hasResult(one, String(wanted.get('result'))),
  )
  const found = chosen.reduce((sum, one) => sum + one.found, 0)
  const windows = chosen.reduce((sum, one) => sum + one.windows.length, 0)
  const wrong = chosen.reduce((sum, one) => sum + one.falseOccurrences, 0)
  count.textContent = `${chosen.length} of ${all.length} series: ${found} of ${windows} faults found, ${wrong} false alarms`
  cards.replaceChildren(
    ...chosen.map((one) => {
      const { article, canvas } = card(one)
      toDraw.set(canvas, one)
      observer.observe(canvas)
      return article
    }),
  )
}
form.addEventListener('change', show)
show()
