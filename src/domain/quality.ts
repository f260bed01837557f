/**
 * Quality of a reading and of its outcome, as codes that fit a byte column.
 *
 * `good`, `uncertain` and `bad` come with a reading; the others are found by the pipeline.
 */
export const Quality = {
  good: 0,
  uncertain: 1,
  bad: 2,
  warmup: 3,
  learning: 4,
  stuck: 5,
  silent: 6,
  range: 7,
  rate: 8,
  clock: 9,
  duplicate: 10,
  late: 11,
} as const

/** A quality word as users see it. */
export type QualityName = keyof typeof Quality
/** A quality code as columns hold it. */
export type QualityCode = (typeof Quality)[QualityName]

/** Words by code. */
export const qualityNames = Object.keys(Quality) as readonly QualityName[]

/** The word of a code. */
export function qualityName(code: number): QualityName {
  return qualityNames[code] ?? 'bad'
}

/**
 * The code of an input quality word; OPC words and numbers are understood (192 good, 64 uncertain, 0 bad).
 * A word nobody knows is `uncertain`: the value may be right, but nobody says so.
 */
export function parseQuality(word: string | number | undefined | null): QualityCode {
  if (word === undefined || word === null || word === '') return Quality.good
  if (typeof word === 'number') return word >= 192 ? Quality.good : word >= 64 ? Quality.uncertain : Quality.bad
  const lower = word.toLowerCase()
  if (lower === 'good' || lower === 'ok') return Quality.good
  if (lower === 'bad') return Quality.bad
  return Quality.uncertain
}

/** Whether a reading with this code was not taken at all: a duplicate, late, or of an impossible time. */
export function isRefused(code: number): boolean {
  return code === Quality.duplicate || code === Quality.late || code === Quality.clock
}
