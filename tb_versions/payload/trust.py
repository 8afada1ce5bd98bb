"""Whether a version can be trusted, as far as is known: rows of state, tone and words, which the page shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

from tb_versions.core.manifest import visible
from tb_versions.core.times import minute_text
from tb_versions.read.catalog import Catalog, Version
from tb_versions.read.freshness import GateNow
from tb_versions.read.said import Said
from tb_versions.registry.checked import files_word, signature_now, trusted_keys
from tb_versions.registry.state import By, SignatureState, VersionState

Tone = Literal["good", "bad", "warn", "dim"]

NOTHING_KNOWN = frozenset({"not known", "not checked", "unsigned", "not inspected", "not replayed"})
"""States of which nothing is recorded, or nothing that counts."""

_UNKNOWN = "not known, as the registry's log can't be read"
_UNCHECKED = "not checked: no comparison of their contents is recorded"
_QUICK = {
    "changed": "names or sizes differ from the manifest now",
    "missing": "the folder is not there",
    "damaged": "the manifest can't be read",
    "unreachable": "the folder can't be read",
}


def trust_payload(catalog: Catalog, version: Version) -> list[dict[str, Any]]:
    """Returns what is known of a version's files, signatures, answers and gates; see `TrustRow` in types.ts.

    Args:
        catalog: That holds it.
        version: With the state of its files, by names and sizes.
    """
    said = catalog.said.get(version.id)
    rows = [*_rows(version, said), *_gates(catalog.gates(version) if said else ())]
    return [{"what": what, "state": state, "tone": tone, "words": visible(words)} for what, state, tone, words in rows]


_Row = tuple[str, str, Tone, str]


def _rows(version: Version, said: Said | None) -> Iterator[_Row]:
    if said is not None and said.registry.kind:
        for what in ("files", "signature", "inspection", "replay"):
            yield what, "not known", "dim", _UNKNOWN
        return
    state = said.state if said else VersionState()
    trusted = trusted_keys(said.registry.state) if said else frozenset()
    yield _files(version, state)
    yield _signature(version, state, trusted)
    yield _inspection(version, state)
    yield _replay(version, state)


def _files(version: Version, said: VersionState) -> _Row:
    """What was recorded, and what a look at names and sizes says now: the worse of both."""
    word = files_word(said, version.manifest_digest)
    words = _UNCHECKED
    if said.verified is not None:
        ok, how, by = said.verified
        way = "every file was read" if how == "digests" else "quick: names and sizes only, no file was read"
        words = f"{'as published' if ok else 'not as published'} on {_when(by)} ({way})"
        if not word:
            words = f"not checked: what was compared on {_when(by)} was another manifest"
    if version.state == "removed":
        return (
            "files",
            "removed",
            "dim",
            f"removed: there are no files any more{f'; recorded: {words}' if word else ''}",
        )
    if version.state in _QUICK:
        before = f"; recorded: {words}" if word else ""
        return "files", "changed", "bad", f"changed: {_QUICK[version.state]} (quick look){before}"
    if word in ("verified", "quick", "changed"):
        tone: Tone = "good" if word == "verified" else "bad" if word == "changed" else "warn"
        return "files", word, tone, f"{word}: {words}"
    return "files", "not checked", "dim", words


def _signature(version: Version, said: VersionState, trusted: frozenset[str]) -> _Row:
    word, one = signature_now(said, version.manifest_digest, trusted)
    if one is None:
        old = ", but one of another manifest" if said.signatures else ""
        return "signature", "unsigned", "dim", f"unsigned: no signature is recorded{old}"
    return "signature", word, _TONES[word], f"{word}: {_signed_words(word, one, trusted)}"


_TONES: dict[str, Tone] = {
    "verified": "good",
    "other key": "warn",
    "claimed": "warn",
    "refused": "bad",
    "changed": "bad",
}


def _signed_words(word: str, one: SignatureState, trusted: frozenset[str]) -> str:
    when = _when(one.by)
    if word == "claimed":
        return f"it names {one.who}, and nobody checked it here; kept on {when}"
    if word == "refused":
        return f"{one.found}; checked on {when}"
    if word == "changed":
        return f"the files were found changed after it was checked, by {one.who}, on {when}"
    policy = "which the policy trusts" if trusted else "given by who checked; the policy names no key"
    if word == "other key":
        policy = "which the policy does not name"
    return f"by {one.who}, {policy}; checked on {when}"


def _inspection(version: Version, said: VersionState) -> _Row:
    seen = said.inspected
    if seen is None:
        return "inspection", "not inspected", "dim", "not inspected: no look at what is in its files is recorded"
    words = f"{seen.words}, on {_when(seen.by)}{f': {seen.found}' if seen.found else ''}"
    if seen.manifest != version.manifest_digest:
        return "inspection", "not inspected", "dim", f"not inspected: what was looked at was another manifest ({words})"
    if seen.dangerous:
        return "inspection", "dangerous", "bad", words
    # No inspection proves that a model is safe, so that nothing of this is "good".
    return ("inspection", "nothing found", "dim", words) if seen.is_whole else ("inspection", "in part", "warn", words)


def _replay(version: Version, said: VersionState) -> _Row:
    replayed = said.replayed
    if replayed is None:
        return "replay", "not replayed", "dim", "not replayed: no replay of golden outputs is recorded"
    words = f"{replayed.words}, on {_when(replayed.by)}"
    if replayed.manifest not in ("", version.manifest_digest):
        return "replay", "not replayed", "dim", f"not replayed: what was asked was another manifest ({words})"
    state: tuple[str, Tone] = ("same answers", "good") if replayed.ok else ("differs", "bad")
    return "replay", *state, words


def _gates(gates: Sequence[GateNow]) -> Iterator[_Row]:
    for now in gates:
        tone: Tone = {"passed": "good", "failed": "bad"}.get(now.verdict, "warn")  # type: ignore[assignment]
        yield (
            f"gate {visible(now.key)}",
            now.verdict,
            tone,
            f"{now.words}, event {now.result.by.event}, {_when(now.result.by)}",
        )


def _when(by: By) -> str:
    return f"{minute_text(by.ms)} by {by.actor}"
