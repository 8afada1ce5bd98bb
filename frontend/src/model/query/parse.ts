/** The filter language: recursive descent over the tokens, to a small tree. docs: frontend/README.md. */
import { LONGEST, type Token, tokenize } from "./tokens";

export type Operator = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~";

export interface NameRef {
  /** "best", "last", "metric", "hp", "label" or "". Unquoted names keep their dots: the compiler splits them. */
  prefix: string;
  name: string;
  at: number;
  end: number;
}

export interface Literal {
  text: string;
  quoted: boolean;
  at: number;
  end: number;
}

export type Node =
  | { kind: "and" | "or"; parts: Node[] }
  | { kind: "not"; part: Node }
  | { kind: "compare"; name: NameRef; op: Operator; value: Literal }
  | { kind: "in"; name: NameRef; values: Literal[] }
  | { kind: "has"; name: NameRef; wanted: boolean }
  | { kind: "text"; text: string };

export interface QueryError {
  message: string;
  at: number;
  end: number;
  /** Replace [at, end) by this. */
  fix: string | null;
}

/** Thrown inside the parser and the compiler only. */
export class QueryFault extends Error {
  readonly error: QueryError;
  constructor(message: string, span: { at: number; end: number }, fix: string | null = null) {
    super(message);
    this.error = { message, at: span.at, end: span.end, fix };
  }
}

const DEEPEST = 40;
/** A list in brackets is one condition. */
const MOST_CONDITIONS = 100;
const KEYWORDS = new Set(["and", "or", "not", "in", "has", "missing"]);

class Parser {
  private at = 0;
  private depth = 0;
  private conditions = 0;
  private readonly tokens: Token[];

  constructor(tokens: Token[]) {
    this.tokens = tokens;
  }

  private peek(ahead = 0): Token {
    return this.tokens[Math.min(this.at + ahead, this.tokens.length - 1)] as Token;
  }

  private take(): Token {
    const token = this.peek();
    this.at++;
    return token;
  }

  private isWord(word: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.kind === "word" && token.text.toLowerCase() === word;
  }

  whole(): Node {
    const node = this.or();
    const rest = this.peek();
    if (rest.kind === ")") throw new QueryFault("This parenthesis closes nothing.", rest);
    if (rest.kind !== "end") throw unexpected(rest);
    return node;
  }

  private or(): Node {
    const parts = [this.and()];
    while (this.isWord("or")) {
      this.take();
      parts.push(this.and());
    }
    return parts.length === 1 ? (parts[0] as Node) : { kind: "or", parts };
  }

  /** Conditions side by side mean "and" too. */
  private and(): Node {
    const parts = [this.not()];
    for (;;) {
      if (this.isWord("and")) this.take();
      else if (!this.startsCondition()) break;
      parts.push(this.not());
    }
    return parts.length === 1 ? (parts[0] as Node) : { kind: "and", parts };
  }

  private startsCondition(): boolean {
    const { kind } = this.peek();
    return (kind === "word" && !this.isWord("or")) || kind === "name" || kind === "string" || kind === "(";
  }

  private not(): Node {
    if (++this.depth > DEEPEST) throw new QueryFault(`More than ${DEEPEST} levels deep.`, this.peek());
    try {
      if (!this.isWord("not") || this.isOperator(1)) return this.condition();
      this.take();
      return { kind: "not", part: this.not() };
    } finally {
      this.depth--;
    }
  }

  private isOperator(ahead: number): boolean {
    return this.peek(ahead).kind === "op";
  }

  private condition(): Node {
    const token = this.peek();
    if (token.kind === "(") return this.parenthesis();
    if (token.kind !== "word" && token.kind !== "name" && token.kind !== "string") throw unexpected(token);
    if (++this.conditions > MOST_CONDITIONS)
      throw new QueryFault(`More than ${MOST_CONDITIONS} conditions; a list, as in lr in (1, 2), counts as one.`, token);
    if ((this.isWord("has") || this.isWord("missing")) && !this.isOperator(1) && this.isNameAt(1)) {
      const wanted = this.isWord("has");
      this.take();
      return { kind: "has", name: this.name(), wanted };
    }
    if (this.isOperator(1)) return this.comparison();
    if (this.isWord("in", 1) && this.peek(2).kind === "(") return this.membership(false);
    if (this.isWord("not", 1) && this.isWord("in", 2) && this.peek(3).kind === "(") return this.membership(true);
    if (token.kind === "name") throw new QueryFault("An operator is missing behind this name, as in > 0.9.", token);
    if (token.kind === "word" && KEYWORDS.has(token.text.toLowerCase())) throw unexpected(token);
    this.take();
    if (token.kind === "word" && isFlag(token.text)) {
      return { kind: "has", name: { prefix: "", name: token.text, at: token.at, end: token.end }, wanted: true };
    }
    return { kind: "text", text: token.text };
  }

  private parenthesis(): Node {
    const open = this.take();
    if (this.peek().kind === ")") throw new QueryFault("Nothing between these parentheses.", this.peek());
    const node = this.or();
    if (this.peek().kind !== ")") {
      if (this.peek().kind === "end") throw new QueryFault("This parenthesis is never closed.", open);
      throw unexpected(this.peek());
    }
    this.take();
    return node;
  }

  private isNameAt(ahead: number): boolean {
    return ["word", "name", "string"].includes(this.peek(ahead).kind);
  }

  private name(): NameRef {
    const token = this.take();
    return { prefix: token.prefix, name: token.text, at: token.at, end: token.end };
  }

  private comparison(): Node {
    const name = this.name();
    const written = this.take();
    const op = (written.text === "==" ? "=" : written.text) as Operator;
    return { kind: "compare", name, op, value: this.literal(written) };
  }

  private literal(behind: Token): Literal {
    const token = this.peek();
    if (token.kind === "end") throw new QueryFault(`A value is missing behind ${behind.text}`, { at: token.at, end: token.at });
    if (token.kind !== "word" && token.kind !== "string" && token.kind !== "name") throw unexpected(token);
    this.take();
    return {
      text: token.prefix ? `${token.prefix}.${token.text}` : token.text,
      quoted: token.kind !== "word",
      at: token.at,
      end: token.end,
    };
  }

  private membership(negated: boolean): Node {
    const name = this.name();
    if (negated) this.take();
    this.take();
    const open = this.take();
    const values = [this.literal(open)];
    while (this.peek().kind === ",") values.push(this.literal(this.take()));
    if (this.peek().kind === "end") throw new QueryFault("This list is never closed with ).", open);
    if (this.peek().kind !== ")") throw new QueryFault("A comma is missing in this list.", this.peek());
    this.take();
    const node: Node = { kind: "in", name, values };
    return negated ? { kind: "not", part: node } : node;
  }
}

/** Words that are conditions by themselves: `approved`, `not deprecated`. In quotes they are searched for. */
const FLAGS = new Set(["approved", "deprecated", "removed"]);

export function isFlag(word: string): boolean {
  return FLAGS.has(word.toLowerCase());
}

function unexpected(token: Token): QueryFault {
  const span = { at: token.at, end: token.end };
  switch (token.kind) {
    case "end":
      return new QueryFault("Something is missing here.", span);
    case "bad":
      return token.text === "quote"
        ? new QueryFault("This quote is never closed.", span)
        : new QueryFault(`${token.text} means nothing here.`, span, token.text === "!" ? "not " : null);
    case "op":
      return new QueryFault(`A name is missing before ${token.text}`, span);
    default:
      return new QueryFault(`${token.text} does not fit here.`, span);
  }
}

/** null: the filter is empty. */
export function parse(source: string): Node | null {
  if (source.length > LONGEST)
    throw new QueryFault(`The filter is longer than ${LONGEST} characters.`, { at: LONGEST, end: source.length });
  const tokens = tokenize(source);
  if (tokens.length === 1) return null;
  return new Parser(tokens).whole();
}
