/**
 * The score of the Numenta Anomaly Benchmark: one threshold for a whole corpus, early detections worth more, rows outside
 * the windows paid for.
 *
 * Works when windows are labelled by row and scores lie in 0…1; a detection is a row whose score is at least the threshold.
 * Source: Lavin and Ahmad 2015, "Evaluating real-time anomaly detection algorithms", and the scorer of numenta/NAB.
 */

/** @typedef {readonly [first: number, last: number]} RowSpan first and last row of a labelled window */
/** @typedef {{ readonly score: ArrayLike<number>, readonly windows: readonly RowSpan[] }} ScoredSeries */
/** @typedef {{ readonly outsideCost: number, readonly missedCost: number }} NabProfile */
/**
 * @typedef {object} NabResult
 * @property {number} score no detection at all gives 0, a perfect detector 100
 * @property {number} threshold the score from which a row detects
 * @property {number} outside detections outside the windows
 * @property {number} found windows with a detection in them
 * @property {number} windows
 */

/** @type {Readonly<Record<'standard' | 'lowFalsePositives' | 'lowFalseNegatives', NabProfile>>} */
export const nabProfiles = {
  standard: { outsideCost: 0.11, missedCost: 1 },
  lowFalsePositives: { outsideCost: 0.22, missedCost: 1 },
  lowFalseNegatives: { outsideCost: 0.11, missedCost: 2 },
}

/**
 * Rows at the beginning of a file that score nothing: 15 % of it, at most 750.
 * @param {number} rows
 */
export function probationRows(rows) {
  return Math.min(Math.floor(0.15 * rows), 750)
}

/**
 * From 1 long before the end of a window to −1 long after it.
 * @param {number} y
 */
function sigmoid(y) {
  return y > 3 ? -1 : 2 / (1 + Math.exp(5 * y)) - 1
}

/**
 * What a detection at a row is worth before weights, and the window it lies in (−1: none).
 * @param {number} row
 * @param {readonly RowSpan[]} windows in order of rows
 */
function worthOf(row, windows) {
  let before = -1
  for (const [at, [first, last]] of windows.entries()) {
    if (row < first) break
    if (row <= last) {
      const width = last - first + 1
      return { window: at, worth: sigmoid(-(last - row + 1) / width) / sigmoid(-1) }
    }
    before = at
  }
  const past = windows[before]
  return { window: -1, worth: past === undefined ? -1 : sigmoid((row - past[1]) / (past[1] - past[0])) }
}

/**
 * Every row after probation as a candidate, highest score first.
 * @param {readonly ScoredSeries[]} corpus
 */
function candidates(corpus) {
  const found = []
  let windowsBefore = 0
  for (const { score, windows } of corpus) {
    for (let row = probationRows(score.length); row < score.length; row++) {
      const { window, worth } = worthOf(row, windows)
      found.push({ score: score[row] ?? Number.NaN, window: window < 0 ? -1 : windowsBefore + window, worth })
    }
    windowsBefore += windows.length
  }
  return { rows: found.sort((a, b) => b.score - a.score), windows: windowsBefore }
}

/**
 * The score at every threshold that changes anything, from none detected on.
 * @param {readonly ScoredSeries[]} corpus
 * @param {NabProfile} profile
 * @returns {Generator<NabResult>}
 */
function* sweep(corpus, { outsideCost, missedCost }) {
  const { rows, windows } = candidates(corpus)
  if (windows === 0) throw new RangeError('the NAB score needs at least one labelled window in the corpus')
  const best = new Float64Array(windows).fill(-missedCost)
  const hit = new Uint8Array(windows)
  let raw = -missedCost * windows
  let [outside, found] = [0, 0]
  const result = (/** @type {number} */ threshold) => ({
    score: (100 * (raw + missedCost * windows)) / ((1 + missedCost) * windows),
    threshold,
    outside,
    found,
    windows,
  })
  yield result(Number.POSITIVE_INFINITY)
  for (const [at, { score, window, worth }] of rows.entries()) {
    if (window < 0) {
      raw += outsideCost * worth
      outside++
    } else {
      const known = best[window] ?? 0
      if (worth > known) {
        raw += worth - known
        best[window] = worth
      }
      if (hit[window] === 0) found++
      hit[window] = 1
    }
    if (rows[at + 1]?.score !== score) yield result(score)
  }
}

/**
 * The score with the threshold that suits the whole corpus best, as the benchmark does it; ties go to the highest.
 *
 * Errors: `RangeError` for a corpus without any window.
 * @param {readonly ScoredSeries[]} corpus
 * @param {NabProfile} profile
 * @returns {NabResult}
 */
export function bestNabScore(corpus, profile) {
  let best
  for (const result of sweep(corpus, profile)) if (best === undefined || result.score > best.score) best = result
  if (best === undefined) throw new RangeError('the sweep of thresholds yields at least one result')
  return best
}

/**
 * The score at one threshold.
 *
 * Errors: `RangeError` for a corpus without any window.
 * @param {readonly ScoredSeries[]} corpus
 * @param {NabProfile} profile
 * @param {number} threshold
 * @returns {NabResult}
 */
export function nabScoreAt(corpus, profile, threshold) {
  let last
  for (const result of sweep(corpus, profile)) {
    if (result.threshold < threshold) break
    last = result
  }
  if (last === undefined) throw new RangeError('a threshold of Infinity detects nothing, so there is always a result')
  return { ...last, threshold }
}
