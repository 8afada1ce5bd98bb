"""Masks secrets in the output of `git diff`, file by file: program text holds them otherwise than settings. Pure."""

from __future__ import annotations

import re

from tb_versions.privacy.scrub import mask_secrets, printable, scrub_home
from tb_versions.privacy.secrets import holds_secret
from tb_versions.privacy.tokens import MASK, mask_tokens

_FILE_IN_DIFF = re.compile(r"^(?=diff --git )", re.MULTILINE)
_CODE_FILE = re.compile(
    r"diff --git .*\.(?:pyi?|js|mjs|jsx|ts|tsx|go|rs|java|kt|scala|c|cc|cpp|cu|h|hpp|cs|swift|rb|php|pl|lua|r|jl)"
    r"\"?(?:\n|\Z)"
)
# A whole line of a configuration: `+db_password: three words`.
_SETTING = re.compile(
    r"^([+ -]?[ \t]*(?:export[ \t]+|-[ \t]+)?[\"']?([A-Za-z_][\w.-]{0,120})[\"']?[ \t]*[:=][ \t]*)(.+)$", re.MULTILINE
)
# The rest of the value is on the following lines.
_BEGINNING = re.compile(r"(?:^|\s)[|>][-+0-9]{0,2}\s*$|[(\[{]\s*$")


def scrub_diff(diff: str) -> str:
    """Returns the output of `git diff` with secrets masked and home folders as `~`; see `mask_diff`."""
    return scrub_home(mask_diff(printable(diff, newlines=True)))


def mask_diff(diff: str) -> str:
    """Returns the output of `git diff` with secrets masked.

    In files of program text only literals are: `password = args.password` is no secret, `password = "x"` is one. In all
    others (`.env`, YAML, shell scripts …) whatever stands behind a telling name is.
    """
    return "".join(
        mask_secrets(part, is_code=True) if _CODE_FILE.match(part) else mask_secrets(_SETTING.sub(_mask_setting, part))
        for part in _FILE_IN_DIFF.split(mask_tokens(diff))
    )


def _mask_setting(match: re.Match[str]) -> str:
    if _BEGINNING.search(match[3]):
        return match[0]
    return match[1] + MASK if holds_secret(match[2], match[3].strip(" \t\"',")) else match[0]
