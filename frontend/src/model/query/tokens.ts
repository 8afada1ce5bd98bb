/** The filter's text as tokens. One pass, linear in the length of the text. */

export type TokenKind = "word" | "name" | "string" | "op" | "(" | ")" | "," | "bad" | "end";

export interface Token {
  kind: TokenKind;
  /** What is meant, without quotes and escapes. */
  text: string;
  /** For a quoted name behind a prefix: `best."my loss"` has the prefix "best". */
  prefix: string;
  at: number;
  end: number;
}

export const LONGEST = 4000;

const OPERATORS = ["!=", "<=", ">=", "==", "=", "<", ">", "~"];
const BREAKS = new Set([..." \t\n\r\u00a0()=<>~!,\"'`"]);

interface Quoted {
  text: string;
  end: number;
  closed: boolean;
}

/** A backslash makes the next character literal. */
function quoted(source: string, at: number): Quoted {
  const quote = source[at];
  let text = "";
  let i = at + 1;
  for (; i < source.length && source[i] !== quote; i++) {
    if (source[i] === "\\" && i + 1 < source.length) i++;
    text += source[i];
  }
  return { text, end: Math.min(i + 1, source.length), closed: i < source.length };
}

function word(source: string, at: number): number {
  let i = at;
  while (i < source.length && !BREAKS.has(source[i] as string)) i++;
  return i;
}

function quotedToken(source: string, at: number, prefix: string, open: number): Token {
  const { text, end, closed } = quoted(source, open);
  const kind: TokenKind = source[open] === "`" || prefix ? "name" : "string";
  return { kind: closed ? kind : "bad", text: closed ? text : "quote", prefix, at, end };
}

function next(source: string, at: number): Token {
  const char = source[at] as string;
  const simple = (kind: TokenKind, text: string): Token => ({ kind, text, prefix: "", at, end: at + text.length });
  if (char === "(" || char === ")" || char === ",") return simple(char, char);
  const operator = OPERATORS.find((each) => source.startsWith(each, at));
  if (operator) return simple("op", operator);
  if (char === '"' || char === "'" || char === "`") return quotedToken(source, at, "", at);
  const end = word(source, at);
  if (end === at) return simple("bad", char);
  const text = source.slice(at, end);
  const after = source[end];
  if (text.endsWith(".") && (after === '"' || after === "`" || after === "'")) return quotedToken(source, at, text.slice(0, -1), end);
  return simple("word", text);
}

export function tokenize(source: string): Token[] {
  const tokens: Token[] = [];
  const text = source.slice(0, LONGEST);
  let at = 0;
  while (at < text.length) {
    if (/\s/.test(text[at] as string)) {
      at++;
      continue;
    }
    const token = next(text, at);
    tokens.push(token);
    at = token.end;
  }
  tokens.push({ kind: "end", text: "", prefix: "", at: text.length, end: text.length });
  return tokens;
}
