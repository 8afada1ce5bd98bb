"""What the log says of a version's files and signatures, as a word; what was checked of another manifest is no yes."""

from __future__ import annotations

import functools
from typing import Literal

from tb_versions.errors import InvalidManifestError
from tb_versions.registry.policy import parse
from tb_versions.registry.state import SignatureState, State, VersionState

FilesWord = Literal["", "verified", "quick", "changed"]
SignatureWord = Literal["", "verified", "other key", "claimed", "refused", "changed"]


def files_word(said: VersionState, manifest: str) -> FilesWord:
    """Returns what the last recorded comparison of the files says of them.

    Args:
        said: What the log says of the version.
        manifest: Digest of the manifest that is there now; "" where it can't be read.

    Returns:
        "verified": every file was as published; "quick": names and sizes were, and no file was read; "changed": not
        as published; "": no comparison with this manifest is recorded.
    """
    if said.verified is None or not manifest or said.verified_of not in ("", manifest):
        return ""
    ok, how, _ = said.verified
    if not ok:
        return "changed"
    return "verified" if how == "digests" else "quick"


def signature_now(
    said: VersionState, manifest: str, trusted: frozenset[str]
) -> tuple[SignatureWord, SignatureState | None]:
    """Returns what a version's signatures come to, and the one that says so.

    Args:
        said: What the log says of the version.
        manifest: Digest of the manifest that is there now; "" where it can't be read.
        trusted: Fingerprints of the keys that the policy trusts; empty where it names none.

    Returns:
        "verified": one is of these files, by a key that the policy trusts, or the policy names no key; "other key": one
        is, by a key or an identity that the policy does not name; "changed": one was, and the files were found to
        differ later; "refused": the last check of one said that it is not, and no other is; "claimed": nobody checked;
        "": unsigned, as far as is recorded. None where there is none of this manifest.
    """
    mine = [each for each in said.signatures.values() if manifest and each.manifest == manifest]
    good = [each for each in mine if each.ok]
    best = [each for each in good if not trusted or each.key in trusted]
    if good:
        chosen = (best or good)[-1]
        if _was_found_changed(said, manifest, since=chosen.by.event):
            return "changed", chosen
        return ("verified" if best else "other key"), chosen
    for each in reversed(mine):
        if each.ok is False:
            return "refused", each
    return ("claimed", mine[-1]) if mine else ("", None)


def trusted_keys(state: State) -> frozenset[str]:
    """Returns the fingerprints of the keys that a model's policy trusts, as its log saw it last."""
    return _fingerprints(state.policy.rules) if state.policy else frozenset()


@functools.lru_cache(maxsize=256)
def _fingerprints(rules: str) -> frozenset[str]:
    try:
        return frozenset(key.fingerprint for key in parse(rules).trusted_keys())
    except InvalidManifestError:  # of a newer version of this package
        return frozenset({"not known"})


def _was_found_changed(said: VersionState, manifest: str, *, since: int) -> bool:
    return files_word(said, manifest) == "changed" and said.verified is not None and said.verified[2].event > since
