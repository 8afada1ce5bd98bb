"""Splits the text of a filter into tokens, in one pass that is linear in the length of the text."""

from __future__ import annotations

from typing import Literal, NamedTuple, cast

from tb_versions.errors import InvalidFilterError

TokenKind = Literal["word", "name", "string", "op", "(", ")", ",", "bad", "end"]

LONGEST = 4_000
"""Most characters of a filter."""

_OPERATORS = ("!=", "<=", ">=", "==", "=", "<", ">", "~")
_BREAKS = frozenset(" \t\n\r\u00a0()=<>~!,\"'`")
_QUOTES = frozenset("\"'`")
# White space as JavaScript has it.
_SPACE = frozenset(
    "\t\n\v\f\r \u00a0\u1680"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"
)


class Token(NamedTuple):
    """A piece of the filter.

    Attributes:
        text: The content, without quotes and escapes.
        prefix: For a quoted name behind a prefix: `best."my loss"` has the prefix "best"; else "".
        at: Position of its first character.
        end: Position behind its last one.
    """

    kind: TokenKind
    text: str
    at: int
    end: int
    prefix: str = ""


def fault(token: Token, reason: str, *, fix: str | None = None) -> InvalidFilterError:
    """Returns an error that points at a token."""
    return InvalidFilterError(reason, at=token.at, end=token.end, fix=fix)


def tokenize(source: str) -> list[Token]:
    """Returns the tokens of a filter; the last one is "end"."""
    tokens: list[Token] = []
    at = 0
    while at < len(source):
        if source[at] in _SPACE:
            at += 1
            continue
        token = _next(source, at)
        tokens.append(token)
        at = token.end
    tokens.append(Token("end", "", len(source), len(source)))
    return tokens


def _next(source: str, at: int) -> Token:
    char = source[at]
    if char in "(),":
        return Token(cast("TokenKind", char), char, at, at + 1)
    operator = next((each for each in _OPERATORS if source.startswith(each, at)), None)
    if operator:
        return Token("op", operator, at, at + len(operator))
    if char in _QUOTES:
        return _quoted_token(source, at, open_at=at, prefix="")
    end = _word_end(source, at)
    if end == at:
        return Token("bad", char, at, at + 1)
    text = source[at:end]
    if text.endswith(".") and source[end : end + 1] in _QUOTES:
        return _quoted_token(source, at, open_at=end, prefix=text[:-1])
    return Token("word", text, at, end)


def _word_end(source: str, at: int) -> int:
    while at < len(source) and source[at] not in _BREAKS:
        at += 1
    return at


def _quoted_token(source: str, at: int, *, open_at: int, prefix: str) -> Token:
    text, end, closed = _quoted(source, open_at)
    if not closed:
        return Token("bad", "quote", at, end, prefix)
    return Token("name" if source[open_at] == "`" or prefix else "string", text, at, end, prefix)


def _quoted(source: str, at: int) -> tuple[str, int, bool]:
    """Returns the text, its end, and whether the quote is closed. A backslash makes the next character literal."""
    quote = source[at]
    letters: list[str] = []
    i = at + 1
    while i < len(source) and source[i] != quote:
        if source[i] == "\\" and i + 1 < len(source):
            i += 1
        letters.append(source[i])
        i += 1
    return "".join(letters), min(i + 1, len(source)), i < len(source)
