/** Numbers, and by how much two differ, as Python writes them (`tb_versions/core/amounts.py`): the same letters. Pure. */

const EXACT_DIGITS = 60;
const LEAST = 0.01;
const MOST = 1_000_000;

/** A whole number with thousands separated. */
export const grouped = (whole: bigint | number | string): string => String(whole).replace(/\B(?=(\d{3})+$)/g, ",");

/** `f"{value:.5g}"` for five digits: ties go to the even digit. */
export function significant(value: number, digits: number): string {
  if (Number.isNaN(value)) return "nan";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  if (!Number.isFinite(value)) return `${sign}inf`;
  if (value === 0) return `${sign}0`;
  const [mantissa, exponent] = rounded(Math.abs(value), digits);
  if (exponent < -4 || exponent >= digits)
    return `${sign}${trimmed(mantissa, 1)}e${exponent < 0 ? "-" : "+"}${String(Math.abs(exponent)).padStart(2, "0")}`;
  return sign + (exponent < 0 ? trimmed("0".repeat(-exponent) + mantissa, 1) : trimmed(mantissa, exponent + 1));
}

/** Digits of a positive number, and its power of ten. */
function rounded(value: number, digits: number): [string, number] {
  const parts = (fraction: number): [string, number] => {
    const [mantissa = "", exponent = ""] = value.toExponential(fraction).split("e");
    return [mantissa.replace(".", ""), Number(exponent)];
  };
  const [exact, power] = parts(EXACT_DIGITS);
  const isTie = exact[digits] === "5" && /^0*$/.test(exact.slice(digits + 1));
  return isTie && Number(exact[digits - 1]) % 2 === 0 ? [exact.slice(0, digits), power] : parts(digits - 1);
}

/** The digits with a point behind the first so many, without zeros at the end of the fraction. */
function trimmed(digits: string, whole: number): string {
  const fraction = digits.slice(whole).replace(/0+$/, "");
  return fraction ? `${digits.slice(0, whole)}.${fraction}` : digits.slice(0, whole);
}

/** To the nearest whole number, ties to the even one. */
export function wholeOf(value: number): bigint {
  const floor = Math.floor(value);
  const rest = value - floor;
  return BigInt(rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor);
}

/** Five significant digits; what is less than 1 never becomes 1, but gets more of them. */
export function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  let digits = 5;
  while (Math.abs(value) < 1 && Math.abs(Number(significant(value, digits))) === 1) digits += 1;
  return significant(value, digits).replace("inf", "∞");
}

/**
 * By how much a metric differs, without a sign: "1.7 points" for shares, "25 %" for other numbers.
 *
 * "" if the values are equal or not finite, the base of a percentage would be 0, or one is negative.
 */
export function amountText(base: number, value: number, goal: string): string {
  const difference = value - base;
  if (!Number.isFinite(difference) || difference === 0) return "";
  if (isShare(base, value, goal)) return points(difference);
  const share = difference / base;
  return base > 0 && value >= 0 && Number.isFinite(share) ? percent(share) : "";
}

/** Whether two values are shares of a whole, such as accuracies. A metric to minimise is most often a loss. */
export const isShare = (base: number, value: number, goal: string): boolean =>
  goal !== "min" && base >= 0 && base <= 1 && value >= 0 && value <= 1;

/** A difference of shares as percentage points with two significant digits, without its sign. */
export function points(difference: number): string {
  const number = twoDigits(Math.abs(difference) * 100);
  return `${number} ${number === "1" ? "point" : "points"}`;
}

/** A share as a percentage with two significant digits, without its sign: "0.8 %". */
export const percent = (share: number): string => `${twoDigits(Math.abs(share) * 100)} %`;

/** Two significant digits, never an exponent; what is less than 100 never becomes 100. */
function twoDigits(number: number): string {
  if (number > MOST) return `over ${grouped(MOST)}`;
  if (number >= 100) return grouped(wholeOf(number));
  if (number >= 99.5) return Math.min(number, 99.9).toFixed(1);
  return number >= LEAST || number === 0 ? significant(number, 2) : `under ${LEAST}`;
}
