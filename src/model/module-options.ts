/**
 * One option of a module: how it is read from JSON, what it is when absent, and whether it is written.
 *
 * `read` gives undefined for a value that is not allowed; `expected` says what is.
 */
export interface Option<T> {
  readonly expected: string
  /** The value when absent; undefined: the option must be given. */
  readonly fallback: T | undefined
  /** `always` keeps the text of architectures that were fingerprinted before defaults were left out. */
  readonly written: 'always' | 'unless default' | 'never'
  /** It changes how a model is trained and nothing of what it computes: no part of its fingerprint. */
  readonly trainingOnly?: true
  read(value: unknown): T | undefined
}

/** A whole number from `low` to `high`. */
export function whole(low: number, high: number, fallback?: number): Option<number> {
  return {
    expected: `a whole number from ${low} to ${high}`,
    fallback,
    written: 'unless default',
    read: (value) =>
      typeof value === 'number' && Number.isInteger(value) && value >= low && value <= high ? value : undefined,
  }
}

/** As `whole`; a list of one, as PyTorch's `normalized_shape` may be, counts as its number. */
export function wholeOrOne(low: number, high: number): Option<number> {
  const { expected, read, ...rest } = whole(low, high)
  return {
    ...rest,
    expected: `${expected} (one dimension)`,
    read: (value) => read(Array.isArray(value) && value.length === 1 ? value[0] : value),
  }
}

/** A finite number not below `low`. */
export function atLeast(low: number, fallback: number): Option<number> {
  return {
    expected: `a number of at least ${low}`,
    fallback,
    written: 'unless default',
    read: (value) => (typeof value === 'number' && value >= low && value < Infinity ? value : undefined),
  }
}

/** Any finite number. */
export function finite(fallback: number): Option<number> {
  return { ...atLeast(-Number.MAX_VALUE, fallback), expected: 'a finite number' }
}

/** The probability with which training drops a value; from 0 to below 1. */
export function dropout(fallback: number): Option<number> {
  return {
    expected: 'a probability from 0 to below 1',
    fallback,
    written: 'unless default',
    trainingOnly: true,
    read: (value) => (typeof value === 'number' && value >= 0 && value < 1 ? value : undefined),
  }
}

/** true or false. */
export function flag(fallback: boolean): Option<boolean> {
  return {
    expected: 'true or false',
    fallback,
    written: 'unless default',
    read: (value) => (typeof value === 'boolean' ? value : undefined),
  }
}

/** One of a closed list of words. */
export function choice<const T extends string>(words: readonly T[], fallback?: T): Option<T> {
  return {
    expected: words.map((word) => `"${word}"`).join(', '),
    fallback,
    written: 'unless default',
    read: (value) => words.find((word) => word === value),
  }
}

/** One of a closed list of words, or null: the default. */
export function choiceOrNone<const T extends string>(words: readonly T[]): Option<T | null> {
  const { expected, read } = choice(words)
  return { expected, fallback: null, written: 'unless default', read }
}

/** At least two ids of modules. */
export function ids(): Option<readonly string[]> {
  return {
    expected: 'a list of at least two ids of modules',
    fallback: undefined,
    written: 'unless default',
    read: (value) =>
      Array.isArray(value) && value.length >= 2 && value.every((id) => typeof id === 'string') ? value : undefined,
  }
}

/** Levels of quantiles: rising, between 0 and 1. */
export function levels(): Option<readonly number[]> {
  const rising = (list: readonly unknown[]): boolean =>
    list.every((level, at) => typeof level === 'number' && level > Number(list[at - 1] ?? 0) && level < 1)
  return {
    expected: 'a rising list of numbers between 0 and 1',
    fallback: undefined,
    written: 'unless default',
    read: (value) => (Array.isArray(value) && value.length > 0 && rising(value) ? value : undefined),
  }
}

/** An option of PyTorch of which one value is built, for instance `alpha` of ELU. */
export function only<const T>(...allowed: readonly [T, ...T[]]): Option<T> {
  return {
    expected: allowed.map((value) => JSON.stringify(value)).join(' or '),
    fallback: allowed[0],
    written: 'never',
    read: (value) => allowed.find((one) => one === value),
  }
}

/** An option of PyTorch that changes nothing here: accepted with any value, and not written. */
export function ignored(): Option<null> {
  return { expected: 'anything', fallback: null, written: 'never', read: () => null }
}

/** The option, written also when it has its default. */
export function always<T>(option: Option<T>): Option<T> {
  return { ...option, written: 'always' }
}
