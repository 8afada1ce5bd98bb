"""Parses tokens into a small tree, by recursive descent."""

from __future__ import annotations

from typing import Literal, NamedTuple

from tb_versions.errors import InvalidFilterError
from tb_versions.query.tokens import LONGEST, Token, fault, tokenize

Operator = Literal["=", "!=", "<", "<=", ">", ">=", "~"]

MOST_CONDITIONS = 100
"""Most conditions of a filter, a list in brackets being one: each is asked of every version."""

_DEEPEST = 40
_KEYWORDS = frozenset({"and", "or", "not", "in", "has", "missing"})
_TEXTS = frozenset({"word", "name", "string"})


class Name(NamedTuple):
    """A column's name; an unquoted name keeps its dots, the compiler splits it."""

    prefix: str
    name: str
    token: Token


class Value(NamedTuple):
    """A value as it was written."""

    text: str
    quoted: bool
    token: Token


class Every(NamedTuple):
    """Every part holds."""

    parts: list[Node]


class Some(NamedTuple):
    """At least one part holds."""

    parts: list[Node]


class Not(NamedTuple):
    """The part does not hold."""

    part: Node


class Compare(NamedTuple):
    """A column is compared with a value."""

    name: Name
    op: Operator
    value: Value


class In(NamedTuple):
    """The column has one of several values."""

    name: Name
    values: list[Value]


class Has(NamedTuple):
    """The column has a value or, if `wanted` is false, has none."""

    name: Name
    wanted: bool


class Word(NamedTuple):
    """A word is somewhere in the version's texts; `approved`, without quotes, is a fact about the version."""

    text: str
    quoted: bool = False


Node = Every | Some | Not | Compare | In | Has | Word


def parse(source: str) -> Node | None:
    """Returns the tree of a filter; None for an empty one.

    Raises:
        InvalidFilterError: It breaks the grammar.
    """
    if len(source) > LONGEST:
        raise InvalidFilterError(f"The filter is longer than {LONGEST} characters.", at=LONGEST, end=len(source))
    tokens = tokenize(source)
    return None if len(tokens) == 1 else _Parser(tokens).whole()


class _Parser:
    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._at = 0
        self._depth = 0
        self._conditions = 0

    def whole(self) -> Node:
        node = self._some()
        rest = self._peek()
        if rest.kind == ")":
            raise fault(rest, "This parenthesis closes nothing.")
        if rest.kind != "end":
            raise _unexpected(rest)
        return node

    def _peek(self, ahead: int = 0) -> Token:
        return self._tokens[min(self._at + ahead, len(self._tokens) - 1)]

    def _take(self) -> Token:
        token = self._peek()
        self._at += 1
        return token

    def _is_word(self, word: str, ahead: int = 0) -> bool:
        token = self._peek(ahead)
        return token.kind == "word" and token.text.lower() == word

    def _some(self) -> Node:
        parts = [self._every()]
        while self._is_word("or"):
            self._take()
            parts.append(self._every())
        return parts[0] if len(parts) == 1 else Some(parts)

    def _every(self) -> Node:
        """Conditions beside each other are joined by "and"."""
        parts = [self._not()]
        while True:
            if self._is_word("and"):
                self._take()
            elif not self._starts_condition():
                return parts[0] if len(parts) == 1 else Every(parts)
            parts.append(self._not())

    def _starts_condition(self) -> bool:
        kind = self._peek().kind
        return (kind == "word" and not self._is_word("or")) or kind in ("name", "string", "(")

    def _not(self) -> Node:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise fault(self._peek(), f"More than {_DEEPEST} levels deep.")
        try:
            if not self._is_word("not") or self._is_operator(1):
                return self._condition()
            self._take()
            return Not(self._not())
        finally:
            self._depth -= 1

    def _is_operator(self, ahead: int) -> bool:
        return self._peek(ahead).kind == "op"

    def _condition(self) -> Node:
        token = self._peek()
        if token.kind == "(":
            return self._parenthesis()
        if token.kind not in _TEXTS:
            raise _unexpected(token)
        self._conditions += 1
        if self._conditions > MOST_CONDITIONS:
            raise fault(token, f"More than {MOST_CONDITIONS} conditions; a list, as in lr in (1, 2), counts as one.")
        if (self._is_word("has") or self._is_word("missing")) and not self._is_operator(1) and self._is_text(1):
            wanted = self._is_word("has")
            self._take()
            return Has(self._name(), wanted)
        if self._is_operator(1):
            return self._comparison()
        if self._is_word("in", 1) and self._peek(2).kind == "(":
            return self._membership(negated=False)
        if self._is_word("not", 1) and self._is_word("in", 2) and self._peek(3).kind == "(":
            return self._membership(negated=True)
        return self._word()

    def _word(self) -> Node:
        token = self._take()
        if token.kind == "name":
            raise fault(token, "An operator is missing behind this name, as in > 0.9.")
        if token.kind == "word" and token.text.lower() in _KEYWORDS:
            raise _unexpected(token)
        return Word(token.text, token.kind != "word")

    def _parenthesis(self) -> Node:
        opened = self._take()
        if self._peek().kind == ")":
            raise fault(self._peek(), "Nothing between these parentheses.")
        node = self._some()
        if self._peek().kind == "end":
            raise fault(opened, "This parenthesis is never closed.")
        if self._peek().kind != ")":
            raise _unexpected(self._peek())
        self._take()
        return node

    def _is_text(self, ahead: int) -> bool:
        return self._peek(ahead).kind in _TEXTS

    def _name(self) -> Name:
        token = self._take()
        return Name(token.prefix, token.text, token)

    def _comparison(self) -> Node:
        name = self._name()
        written = self._take()
        op: Operator = "=" if written.text == "==" else written.text  # type: ignore[assignment]
        return Compare(name, op, self._literal(written))

    def _literal(self, behind: Token) -> Value:
        token = self._peek()
        if token.kind == "end":
            raise fault(token, f"A value is missing behind {behind.text}")
        if token.kind not in _TEXTS:
            raise _unexpected(token)
        self._take()
        text = f"{token.prefix}.{token.text}" if token.prefix else token.text
        return Value(text, token.kind != "word", token)

    def _membership(self, *, negated: bool) -> Node:
        name = self._name()
        if negated:
            self._take()
        self._take()
        opened = self._take()
        values = [self._literal(opened)]
        while self._peek().kind == ",":
            values.append(self._literal(self._take()))
        if self._peek().kind == "end":
            raise fault(opened, "This list is never closed with ).")
        if self._peek().kind != ")":
            raise fault(self._peek(), "A comma is missing in this list.")
        self._take()
        return Not(In(name, values)) if negated else In(name, values)


def _unexpected(token: Token) -> InvalidFilterError:
    if token.kind == "end":
        return fault(token, "Something is missing here.")
    if token.kind == "bad" and token.text == "quote":
        return fault(token, "This quote is never closed.")
    if token.kind == "bad":
        return fault(token, f"{token.text} means nothing here.", fix="not " if token.text == "!" else None)
    if token.kind == "op":
        return fault(token, f"A name is missing before {token.text}")
    return fault(token, f"{token.text} does not fit here.")
