import { novelty } from './constants.ts'

let width = 0

function column(size = 1): number {
  const at = width
  width += size
  return at
}

/** Columns of one watched stream, relative to its first: the record, and the running median with its step. */
export const streamColumns = { record: 0, median: 1, spread: 2 }
const streamWidth = 3

/** Offsets of recipe U's numbers within a sensor's row, relative to their first; zero is the empty state. */
export const N = {
  /** Readings seen, those of the buffer too. */
  rows: column(),
  /** SCALE and SLOTS: y = (x − centre) / deviation; slots of a day. */
  center: column(),
  deviation: column(),
  slots: column(),
  weekWeight: column(),
  /** RANGE of y, and SLOW. */
  low: column(),
  high: column(),
  slow: column(),
  /** WEEK: running errors of the three tables. */
  tableErrors: column(3),
  /** CYCLE: whether the signal was high since it was last low, readings since a cycle began, cycles begun, their usual length in
   *  readings; running errors of what the cycle expects, and of what else is expected. */
  isHigh: column(),
  cycleAge: column(),
  cycles: column(),
  cycleLength: column(),
  cycleError: column(),
  otherError: column(),
  /** RESID: weights, the upper triangle of P, running scale of the residual. */
  weights: column(3),
  covariance: column(6),
  scale: column(),
  /** CONTEXT: where the symbols begin, the range of eight of them, and the last three symbols as one number. */
  symbolFrom: column(),
  symbolRange: column(),
  symbols: column(),
  /** STREAMS: the residuals of the open block of ten. */
  open: column(),
  short: column(streamWidth),
  long: column(streamWidth),
  above: column(streamWidth),
  below: column(streamWidth),
  surprise: column(streamWidth),
  /** ALARM: decayed count of own alarms, when the rest ends, and the last alarm's evidence. */
  alarms: column(),
  restUntil: column(),
  lastAlarm: column(),
  /** HOLD: rows and event time when it began (rows 0: there is none, −1: its level was taken as normal); how far off it was, and
   *  the slow mean before it. */
  holdFrom: column(),
  holdMs: column(),
  holdSize: column(),
  holdSlow: column(),
  /** EXPECTED: sums behind the network's gate, the running size of the error of what was shown, and the band's factor. */
  gateCross: column(),
  gateSquare: column(),
  size: column(),
  band: column(),
} as const

/** Numbers of recipe U in a sensor's row. */
export const noveltyWidth = width

let bytes = 0

function run(size: number): number {
  const at = bytes
  bytes += size
  return at
}

/** Means of the week: of each slot of a day, of the hours that are worked or not, of each weekday. */
export const weekTables = 10
/** Means of a machine's own cycle: of 32 parts of it, and of the sixteen in which the next one is late. */
export const cycleCells = 48
/** Cells of the bounded table of longer contexts. */
export const contextCells = 512
/** Blocks of ten residuals behind the open one. */
export const blocksKept = 6
/** Rows of the short mean, and of a block of the long one. */
export const shortRows = 10
/** Rows that the surprise is averaged over. */
export const contextRows = 5

/** Byte offsets of a sensor's tables; all zero is the empty state. Until the scale is known, its readings lie in their place. */
export const tableOffsets = {
  short: run(4 * shortRows),
  blocks: run(4 * blocksKept),
  surprises: run(4 * contextRows),
  week: run(2 * weekTables * novelty.slotsMost),
  cycle: run(2 * cycleCells),
  before: run(novelty.symbols * novelty.symbols),
  hours: run(24 * novelty.symbols),
  contexts: run(contextCells),
}

/** Bytes of a sensor's tables, a multiple of eight. */
export const tableBytes = 8 * Math.ceil(bytes / 8)

/** Where the buffered readings lie in the tables: the values less the first, as float32, and their minutes of the week as `weekMinute` writes them, as uint16. */
export const bufferOffsets = { values: 0, minutes: 4 * novelty.scaleRows }
