"""Makes a manifest ready to be exported: leaves fields out, and lists what was taken out."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

from tb_versions.exports.redaction.fields import LEFT_OUT
from tb_versions.exports.redaction.redactor import Redactor
from tb_versions.exports.redaction.schema import pruned


def shareable(
    manifest: dict[str, Any] | None, redactor: Redactor, *, packages: bool = True
) -> tuple[dict[str, Any] | None, list[str]]:
    """Returns a manifest as it is exported, and the kinds of things that were taken out, in words.

    Without any, the manifest is as it was published.

    Args:
        manifest: Its JSON; None where there is none.
        redactor: Masks texts and counts what was taken out.
        packages: Whether the list of installed packages is kept.
    """
    if manifest is None:
        return None, []
    before = Counter(redactor.counts)
    kept, unknown = pruned(manifest)
    kinds = _leave_out(kept, redactor)
    if unknown:
        kinds.append("unknown fields")
    redactor.counts.update(kinds)
    made: dict[str, Any] = redactor.tree(kept)
    taken = sorted((redactor.counts - before).keys())
    environment = made.get("environment")
    if not packages and isinstance(environment, dict) and environment.pop("packages", None):
        taken.append("packages")
    if not taken and made != manifest:
        taken.append("texts")
    return made, taken


def shared_digest(digest: str, taken: list[str]) -> str:
    """Returns the digest of a manifest as it is exported: "" where something was taken out of the manifest.

    Args:
        digest: "sha256:<hex>" of the manifest as it was published. With it, and the rest of the manifest, somebody
            could check a guess at what was masked.
        taken: What was taken out, in the words of `shareable`.
    """
    return "" if taken else digest


def has_repeated_fields(text: str) -> bool:
    """Returns whether an object has a field twice: parsers read only one of them, so the other could hide a text."""
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


def _leave_out(manifest: dict[str, Any], redactor: Redactor) -> list[str]:
    """Removes the fields of `code` that an export leaves out; returns what they are called, each once."""
    code = manifest.get("code")
    if not isinstance(code, dict):
        return []
    gone = {name for name in code if code[name] and name in LEFT_OUT and LEFT_OUT[name][0] not in redactor.include}
    manifest["code"] = {name: value for name, value in code.items() if name not in gone}
    return sorted({LEFT_OUT[name][1] for name in gone})
