/** A number that JSON can't hold travels as one of three strings. */
export type WireNumber = number | "NaN" | "Infinity" | "-Infinity";
