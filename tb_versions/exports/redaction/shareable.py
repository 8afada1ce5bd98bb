"""A manifest as it leaves with an export: without what must not leave, and with words about what that was."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection
from typing import Any

from tb_versions.exports.redaction.redactor import Redactor
from tb_versions.exports.redaction.schema import pruned

_GUESSABLE = frozenset({"patterns", "secrets", "unknown fields", "repeated fields"})
_PUBLISHED = re.compile(r"; published as sha256:[0-9a-f]{64}")
_DIFF = ("diff", "diffTruncated", "diff_truncated")


def shareable(
    manifest: dict[str, Any] | None, redactor: Redactor, *, packages: bool = True
) -> tuple[dict[str, Any] | None, list[str]]:
    """Returns a manifest as it travels, and what was taken out of it, in words; empty: nothing.

    Args:
        manifest: Its JSON; None where there is none.
        redactor: What must not leave.
        packages: Whether the list of installed packages is kept.
    """
    if manifest is None:
        return None, []
    before = Counter(redactor.counts)
    kept, unknown = pruned(manifest)
    diff = _without_diff(kept) if "code-diff" not in redactor.include else False
    told: dict[str, Any] = redactor.tree(kept)
    taken = sorted((redactor.counts - before).keys())
    environment = told.get("environment")
    if not packages and isinstance(environment, dict) and environment.pop("packages", None):
        taken.append("packages")
    if diff:
        redactor.counts["code diff"] += 1
        taken.append("code diff")
    if unknown:
        redactor.counts["unknown fields"] += 1
        taken.append("unknown fields")
    if not shared_digest("digest", taken):
        _without_published(told)
    if not taken and told != manifest:
        taken.append("texts")
    return told, taken


def shared_digest(digest: str, taken: Collection[str]) -> str:
    """Returns the digest of a manifest as it travels: "" where a guess at what was taken out could be checked with it.

    Args:
        digest: "sha256:<hex>" of the manifest as it was published.
        taken: What was taken out, in the words of `shareable`. Hosts, users and paths leave the digest in, for of
            almost every manifest they are taken out, and without the digest nobody could say whether it still agrees.
    """
    return "" if not _GUESSABLE.isdisjoint(taken) else digest


def _without_published(manifest: dict[str, Any]) -> None:
    """Takes out the digest that an import wrote into it: it is of a manifest that is masked now."""
    for field in ("createdBy", "created_by"):
        if isinstance(manifest.get(field), str):
            manifest[field] = _PUBLISHED.sub("", manifest[field])


def has_repeated_fields(text: str) -> bool:
    """Whether a field is there twice: only one of them is seen, so the other could hide a text."""
    try:
        json.loads(text, object_pairs_hook=_unrepeated)
    except ValueError:
        return True
    return False


def _unrepeated(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise ValueError
    return fields


def _without_diff(manifest: dict[str, Any]) -> bool:
    """Takes the uncommitted changes out of a manifest; whether there were any."""
    code = manifest.get("code")
    if not isinstance(code, dict) or "diff" not in code:
        return False
    manifest["code"] = {name: value for name, value in code.items() if name not in _DIFF}
    return True
