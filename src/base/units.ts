const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }
const sizeUnits: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
}

function parseUnits(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]+)$/.exec(text.trim())
  const factor = units[match?.[2] ?? '']
  return match === null || factor === undefined ? undefined : Number(match[1]) * factor
}

/** Milliseconds of `30s`, `250ms`, `5m`, `2h`, `1d`; undefined when it is no duration with a unit. */
export function parseDuration(text: string): number | undefined {
  return parseUnits(text, durationUnits)
}

/** Bytes of `64MiB`, `1GB`, `512B`; undefined when it is no size with a unit. */
export function parseBytes(text: string): number | undefined {
  const bytes = parseUnits(text, sizeUnits)
  return bytes === undefined ? undefined : Math.floor(bytes)
}

function formatUnits(amount: number, units: Readonly<Record<string, number>>, smallest: string): string {
  let best = smallest
  for (const [unit, factor] of Object.entries(units)) {
    if (amount % factor === 0 && factor > units[best]!) best = unit
  }
  return `${amount / units[best]!}${best}`
}

/** The duration as configuration writes it, in the largest unit that divides it: 90000 is `90s`, 0 is `0s`. */
export function formatDuration(ms: number): string {
  return ms === 0 ? '0s' : formatUnits(ms, durationUnits, 'ms')
}

/** The size as configuration writes it, in the largest unit that divides it: 67108864 is `64MiB`. */
export function formatBytes(size: number): string {
  return size === 0 ? '0B' : formatUnits(size, sizeUnits, 'B')
}
