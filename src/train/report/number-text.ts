const superscripts = '⁰¹²³⁴⁵⁶⁷⁸⁹'

/** Decimal exponent of a number that is not 0: 3 for 1234, −2 for 0.05. Exact, unlike a logarithm. */
export function exponentOf(value: number): number {
  return Number(value.toExponential().split('e')[1])
}

/** 10 to a whole power, as the nearest float64 to it. */
export function powerOfTen(exponent: number): number {
  return Number(`1e${exponent}`)
}

/** A number with so many digits behind the point, thousands grouped from 10,000 on, and a real minus sign. */
export function fixedText(value: number, decimals: number): string {
  const text = Math.abs(value).toFixed(decimals)
  const [whole = '', fraction] = text.split('.')
  const grouped = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, ',') : whole
  const sign = value < 0 && Number(text) !== 0 ? '−' : ''
  return sign + (fraction === undefined ? grouped : `${grouped}.${fraction}`)
}

/** A number as mantissa and power of ten, 2.5·10⁻⁵; the mantissa has at most so many digits. */
export function powerText(value: number, digits: number): string {
  const [mantissa = '', power = ''] = value.toExponential(digits - 1).split('e')
  const raised = [...power].map((sign) => (sign === '-' ? '⁻' : sign === '+' ? '' : superscripts[Number(sign)]))
  const factor = String(Number(mantissa)).replace('-', '−')
  const base = `10${raised.join('')}`
  return factor === '1' ? base : factor === '−1' ? `−${base}` : `${factor}·${base}`
}

/** A number as an engineer reads it, with so many significant digits; a dash where there is none. */
export function numberText(value: number | null, digits = 4): string {
  if (value === null || Number.isNaN(value)) return '–'
  if (!Number.isFinite(value)) return value > 0 ? '∞' : '−∞'
  if (value === 0) return '0'
  const exponent = exponentOf(value)
  if (exponent >= 7 || exponent < -4) return powerText(value, 3)
  if (exponent >= 4) return fixedText(value, 0)
  // What is left of the zeros behind the point is said by the digits before them.
  const rounded = Number(value.toPrecision(digits))
  return fixedText(rounded, decimalsOf(rounded))
}

/**
 * The numbers of one column of a table, all with the same digits behind the point, so that they line up.
 *
 * The smallest has so many significant digits; a column that spans two powers of ten or more is written number by number.
 */
export function columnText(values: readonly (number | null)[], digits = 3): string[] {
  const known = values.filter((value) => value !== null && Number.isFinite(value) && value !== 0) as number[]
  const exponents = known.map(exponentOf)
  const smallest = Math.min(...exponents)
  const largest = Math.max(...exponents)
  if (known.every((value) => Number.isInteger(value)) && !(largest >= 9)) {
    return values.map((value) => (value === null || !Number.isFinite(value) ? numberText(value) : fixedText(value, 0)))
  }
  if (largest - smallest >= 2 || largest >= 7 || smallest < -4) return values.map((value) => numberText(value, digits))
  const decimals = Math.max(0, digits - 1 - smallest)
  return values.map((value) =>
    value === null || !Number.isFinite(value) ? numberText(value) : fixedText(value, decimals),
  )
}

/** Digits behind the point that a number needs: 2 for 0.25. */
export function decimalsOf(value: number): number {
  const [mantissa = '', power] = String(value).split('e')
  const behind = mantissa.split('.')[1]?.length ?? 0
  return Math.max(0, behind - Number(power ?? 0))
}
