"""Numbers of the command line: as JSON and Python's float write them, in ASCII digits without underscores.

`1_0` and `١` are none of them, which int() takes for 10 and 1.
"""

from __future__ import annotations

from typing import Any

import click
from click.types import FloatParamType, IntParamType

from tb_versions.core.manifest import shown


class _InDigits(click.ParamType[Any]):
    """To be put before one of click's types of numbers."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Returns the number; a `UsageError` says what it is not."""
        if isinstance(value, str) and ("_" in value or not value.isascii()):
            self.fail(f"{shown(value)} is no number; write it in the digits 0 to 9, without underscores.", param, ctx)
        return super().convert(value, param, ctx)


class WholeNumber(_InDigits, IntParamType):
    """A whole number."""


class WholeNumberIn(_InDigits, click.IntRange):
    """A whole number in a range."""


class Number(_InDigits, FloatParamType):
    """A number."""


class NumberIn(_InDigits, click.FloatRange):
    """A number in a range."""
