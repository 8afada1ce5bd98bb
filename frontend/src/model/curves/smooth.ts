/** Smoothing as TensorBoard defines it: a debiased exponential moving average. Pure. */

/**
 * `weight` from 0 (as it is) to below 1. Points that are no finite number stay as they are and count for nothing;
 * a curve whose values are all equal stays as it is, so that rounding does not make it move.
 */
export function smooth(values: ArrayLike<number>, weight: number): Float64Array {
  const out = Float64Array.from(values);
  if (weight <= 0 || isConstant(out)) return out;
  let last = 0;
  let count = 0;
  for (let i = 0; i < out.length; i++) {
    const value = out[i] as number;
    if (!Number.isFinite(value)) continue;
    last = last * weight + (1 - weight) * value;
    count++;
    out[i] = last / (1 - weight ** count);
  }
  return out;
}

function isConstant(values: Float64Array): boolean {
  for (let i = 1; i < values.length; i++) if (values[i] !== values[0]) return false;
  return true;
}
