/** A decimal number, exactly: `digits` times ten to the power of minus `places`. */
export interface Decimal {
  readonly digits: bigint
  /** Digits after the point, 0 or more. */
  readonly places: number
}

const FORM = /^(\d+)(?:\.(\d+))?(?:e([+-]?\d{1,3}))?$/i

/** Reads a decimal as people and `String(number)` write it, without a sign; undefined for anything else. */
export function parseDecimal(text: string): Decimal | undefined {
  const found = FORM.exec(text)
  if (found === null) return undefined
  const [, whole = '', fraction = '', exponent = '0'] = found
  const digits = BigInt(whole + fraction)
  const places = fraction.length - Number(exponent)
  return places < 0 ? { digits: digits * powerOfTen(-places), places: 0 } : { digits, places }
}

/** How many steps of `10^-places` it is; what does not fit is rounded up, so that an amount never shrinks. */
export function scaledUp({ digits, places }: Decimal, to: number): bigint {
  return to >= places ? digits * powerOfTen(to - places) : ceilDivide(digits, powerOfTen(places - to))
}

/** Writes `digits * 10^-places` with no more decimals than it needs, and never in scientific notation. */
export function decimalText(digits: bigint, places: number, leastPlaces = 0): string {
  const text = digits.toString().padStart(places + 1, '0')
  const whole = text.slice(0, text.length - places)
  const fraction = text
    .slice(text.length - places)
    .replace(/0+$/, '')
    .padEnd(leastPlaces, '0')
  return fraction === '' ? whole : `${whole}.${fraction}`
}

/** Rounds up; both are above or equal to zero. */
export function ceilDivide(dividend: bigint, divisor: bigint): bigint {
  return (dividend + divisor - 1n) / divisor
}

export function powerOfTen(exponent: number): bigint {
  return 10n ** BigInt(exponent)
}
