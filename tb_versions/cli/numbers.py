"""Numbers of the command line: as JSON and Python's float write them, in ASCII digits without underscores."""

from __future__ import annotations

from typing import Any

import click
from click.types import FloatParamType, IntParamType

from tb_versions.core.manifest import shown


class WholeNumber(IntParamType):
    """A whole number; `1_0` and `١` are none, which int() takes for 10 and 1."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Returns the number; a `UsageError` says what it is not."""
        _check(self, value, param, ctx)
        return super().convert(value, param, ctx)


class WholeNumberIn(click.IntRange):
    """A whole number in a range."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Returns the number; a `UsageError` says what it is not."""
        _check(self, value, param, ctx)
        return super().convert(value, param, ctx)


class Number(FloatParamType):
    """A number; `1_0.5` and `١` are none, which float() takes for 10.5 and 1."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Returns the number; a `UsageError` says what it is not."""
        _check(self, value, param, ctx)
        return super().convert(value, param, ctx)


class NumberIn(click.FloatRange):
    """A number in a range."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Returns the number; a `UsageError` says what it is not."""
        _check(self, value, param, ctx)
        return super().convert(value, param, ctx)


def _check(kind: click.ParamType[Any], value: Any, param: click.Parameter | None, ctx: click.Context | None) -> None:
    if isinstance(value, str) and ("_" in value or not value.isascii()):
        kind.fail(f"{shown(value)} is no number; write it in the digits 0 to 9, without underscores.", param, ctx)
