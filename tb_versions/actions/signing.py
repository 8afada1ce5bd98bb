"""Signatures of versions: kept beside the log, checked, and recorded."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tb_versions.actions.target import Change, Decision, Target, checked_reason, who
from tb_versions.actions.verifying import differs_in_words, target_of
from tb_versions.core.layout import ATTESTATIONS
from tb_versions.core.manifest import MAX_TEXT, File, visible
from tb_versions.core.signing.bundle import BUNDLE_LIMIT, Bundle, read_bundle, why_not_about
from tb_versions.core.signing.keys import PublicKey
from tb_versions.core.signing.library import sign_files, why_not_by_identity, why_not_by_key
from tb_versions.core.storage import read_capped
from tb_versions.core.store import Store
from tb_versions.errors import (
    InvalidManifestError,
    InvalidQueryError,
    RefusedError,
    StorageError,
    TbVersionsError,
    UnsupportedStorageError,
)
from tb_versions.read.catalog import Version, is_in_place
from tb_versions.read.folders.scan import Place
from tb_versions.read.holders import check_not_removed
from tb_versions.read.manifests.integrity import in_words
from tb_versions.read.reuse.registered import OpenRegistry
from tb_versions.read.reuse.verifying import Verification, place_of, verify_place
from tb_versions.registry import events
from tb_versions.registry.events import SignatureChecked, Signed, SignedBy
from tb_versions.registry.policy import POLICY_NAME, Policy
from tb_versions.registry.registry import Draft
from tb_versions.registry.state import State

MOST_KEPT = 20
"""Most signatures of one version that are kept, and that are looked at."""


@dataclass(frozen=True)
class Wanted:
    """Whose signature a version must have.

    Attributes:
        keys: One of these keys; empty where an identity is asked for.
        identity: Of Sigstore.
        issuer: Who vouches for it.
    """

    keys: tuple[PublicKey, ...] = ()
    identity: str = ""
    issuer: str = ""


@dataclass(frozen=True)
class Signature:
    """How a version's signatures came out.

    Attributes:
        said: Of the one that is good, else of the one that was checked last; None where there is none to check.
        why_not: Why the version is not signed as it must be, without a full stop; "" if it is.
        bundle: The one that is good.
    """

    said: SignatureChecked | None
    why_not: str
    bundle: Bundle | None = None


def sign(version: Version, verified: Verification, *, key: str) -> Bundle:
    """Returns a new signature of the files of a version.

    Args:
        version: It lies in its folder on this disk.
        verified: What came of comparing every file with its manifest.
        key: File of a private key on an elliptic curve, as PEM without a password.

    Raises:
        RefusedError: The files are not as published.
        UnsupportedStorageError: The files are not on this disk.
        InvalidQueryError: The key can't be used.
        MissingDependencyError: model-signing or pyOpenSSL is not installed.
    """
    place = local_place(version)
    if verified.result:
        raise RefusedError(f"{version.id} is not as published, so it is not signed: {in_words(verified.result)}")
    made = read_bundle(sign_files(place.folder, key=key, ignored=verified.result.ignored))
    why = why_not_about(made, verified.files)
    if why:
        raise RefusedError(f"Nothing was signed: {why}.")
    return made


def keep(version: Version, place: Place, bundle: Bundle, *, actor: str | None = None, reason: str = "") -> Change:
    """Keeps a signature beside the version, and records that it is there: a claim, until somebody checks it.

    Raises:
        RefusedError: There are too many.
        InvalidReferenceError: The version does not lie in `<models>/<model>/<number>`, so that it has no registry.
        TbVersionsError: As in `promote`.
    """
    actor, reason = who(actor), checked_reason(reason)
    target = target_of(version, place)
    _put(target, bundle)
    said = Signed(bundle.digest, bundle.hint)

    def decide(state: State) -> Decision:
        check_not_removed(target.model, target.number, state)
        draft = target.draft("signed", said, actor=actor, reason=reason)
        return Decision(
            draft, f"{version.id}: signed with {events.key_in_words(bundle.hint)}; kept in {_key(target, bundle)}."
        )

    return target.apply(decide)


def check(
    version: Version, place: Place, verified: Verification, *, wanted: Wanted, file: str | None = None
) -> Signature:
    """Says whether the files of a version are signed as they must be.

    Args:
        version: The version.
        place: Its folder on this disk.
        verified: What came of comparing its files with its manifest.
        wanted: Whose signature it must have.
        file: File of the signature; by default those that are kept beside the version.

    Raises:
        InvalidQueryError: The file or a key can't be read.
        UnsupportedStorageError: The files are not on this disk.
        NoAnswerError: Sigstore's keys can't be had.
        MissingDependencyError: model-signing or pyOpenSSL is not installed.
    """
    local_place(version)
    if verified.result:
        differs = differs_in_words(verified.result).rstrip(".")
        return Signature(
            None, f"the files are not those that its manifest lists, so no signature is of them: {differs}"
        )
    target = target_of(version, place) if file is None or is_in_place(version) else None
    files = _Files(place.folder, verified.files, verified.result.ignored, target)
    bundles = _kept(target) if target is not None and file is None else iter([_in_file(file or "")])
    last: Signature | None = None
    problems = []
    for bundle in bundles:
        if isinstance(bundle, str):
            problems.append(bundle)
            continue
        last = _checked(files, bundle, wanted)
        if not last.why_not:
            return last
    if last is None:
        return Signature(
            None, "; ".join(problems) or f"no signature is kept beside it: tb-versions sign {version.id} makes one"
        )
    return last if not problems else Signature(last.said, "; ".join([last.why_not, *problems]))


def copy_signatures(source: Target, copied: OpenRegistry, number: int, *, manifest: str, actor: str) -> tuple[int, int]:
    """Keeps the signatures of a version beside its copy, and records each there: a claim, until somebody checks it.

    Args:
        source: The version.
        copied: Registry of the copy's model.
        number: That of the copy.
        manifest: Digest of the copy's manifest.
        actor: As in `promote`.

    Returns:
        How many the copy has of those that the version has, and how many can't be read and were left out.

    Raises:
        TbVersionsError: As in `promote`.
    """
    found = list(_kept(source))
    readable = [each for each in found if isinstance(each, Bundle)]
    folder = f"{ATTESTATIONS}/{number}"
    there = copied.store.names(folder) if readable else []
    for bundle in readable:
        draft = Draft(
            kind="signed",
            said=Signed(bundle.digest, bundle.hint),
            version=number,
            manifest=manifest,
            actor=actor,
            reason=f"It came with the copy of {source.found.id}.",
        )

        def decide(state: State, draft: Draft = draft) -> Draft | None:
            known = state.version(number).signatures.get(draft.said.bundle)
            return None if known is not None and known.manifest == manifest else draft

        if _name(bundle) not in there:
            copied.store.create(f"{folder}/{_name(bundle)}", bundle.data)
        copied.registry.append(decide)
    return len(readable), len(found) - len(readable)


def record_checked(
    version: Version, place: Place, found: Signature, *, actor: str | None = None, reason: str = ""
) -> Change | None:
    """Records how a version's signature came out, and keeps it if it is good; None where there was none to check.

    Raises:
        TbVersionsError: As in `keep`.
    """
    said = found.said
    if said is None:
        return None
    actor, reason = who(actor), checked_reason(reason)
    target = target_of(version, place)
    if found.bundle is not None:
        _put(target, found.bundle)

    def decide(state: State) -> Decision:
        check_not_removed(target.model, target.number, state)
        return Decision(target.draft("signature_checked", said, actor=actor, reason=reason))

    return target.apply(decide)


def trusted_signature(target: Target, policy: Policy) -> tuple[SignedBy | None, str]:
    """Returns a signature of a version by a key that the policy trusts, or what the version lacks, in words.

    The version's files were compared with its manifest just before, every one of them.
    """
    version, keys = target.found, policy.trusted_keys()
    if not keys:
        return (
            None,
            f"a signature by a key that is trusted ({target.store.shown}/{POLICY_NAME} names none in [trust.keys])",
        )
    place = place_of(version)
    try:
        local_place(version)
        verified = verify_place(version, place, hash_contents=False)
        found = check(version, place, verified, wanted=Wanted(keys))
    except TbVersionsError as error:
        return None, f"a signature that was checked ({str(error).rstrip('.')})"
    if found.why_not or found.said is None:
        return None, f"a signature by a key that is trusted ({found.why_not})"
    return SignedBy(found.said.bundle, found.said.key, found.said.name), ""


def local_place(version: Version) -> Place:
    """Returns the folder of a version whose files lie in it on this disk; raises UnsupportedStorageError otherwise."""
    place = place_of(version)
    if place.root.is_remote or (version.listing and version.listing.elsewhere):
        raise UnsupportedStorageError(
            f"{version.id} does not lie in its folder on this disk, where files are signed and signatures checked. "
            "Copy it to a local models folder: tb-versions copy."
        )
    return place


@dataclass(frozen=True)
class _Files:
    folder: str
    listed: Sequence[File]
    ignored: Sequence[str]
    target: Target | None


def _checked(files: _Files, bundle: Bundle, wanted: Wanted) -> Signature:
    """How one signature came out: of several keys the first that made it, else the last."""
    about = why_not_about(bundle, files.listed)
    if about and files.target is not None:
        about = _recorded_as(files.target, bundle) or about
    if wanted.identity:
        why = about or why_not_by_identity(files.folder, bundle, wanted.identity, wanted.issuer, ignored=files.ignored)
        return _said(bundle, why, SignatureChecked(True, bundle.digest, identity=wanted.identity, issuer=wanted.issuer))
    found = Signature(None, "no key was given")
    for key in wanted.keys:
        why = about or why_not_by_key(files.folder, bundle, key, ignored=files.ignored)
        found = _said(bundle, why, SignatureChecked(True, bundle.digest, key.fingerprint, key.name))
        if not why:
            break
    return found


def _recorded_as(target: Target, bundle: Bundle) -> str:
    """What the log knows of a signature that is not of these files; "" for nothing."""
    state = target.opened.registry.known()
    mine = state.version(target.number).signatures.get(bundle.digest)
    if mine is not None and mine.manifest != target.found.manifest_digest:
        return f"it was recorded of an earlier manifest of {target.found.id}, whose files were others"
    others = [number for number, known in state.versions.items() if bundle.digest in known.signatures]
    is_other = others and target.number not in others
    return f"it was recorded as the signature of {target.model}:{others[0]}" if is_other else ""


def _said(bundle: Bundle, why: str, good: SignatureChecked) -> Signature:
    if not why:
        return Signature(good, "", bundle)
    found = visible(why)[:MAX_TEXT]
    bad = SignatureChecked(False, good.bundle, good.key, good.name, good.identity, good.issuer, found)
    return Signature(bad, why)


def _in_file(path: str) -> Bundle:
    try:
        return read_bundle(read_capped(os.path.realpath(path), BUNDLE_LIMIT))
    except FileNotFoundError as error:
        raise InvalidQueryError(f"There is no signature {visible(path)}.") from error
    except InvalidManifestError as error:
        raise InvalidQueryError(f"{visible(path)} can't be used: {error}") from error


def _kept(target: Target) -> Iterator[Bundle | str]:
    """The signatures that are kept of a version; a sentence for each that can't be read."""
    folder, store = f"{ATTESTATIONS}/{target.number}", target.store
    names = store.names(folder)
    for name in names[:MOST_KEPT]:
        yield _read(store, f"{folder}/{name}")
    if len(names) > MOST_KEPT:
        yield f"{len(names):,} files are in {store.shown}/{folder}, and {MOST_KEPT} are looked at"


def _read(store: Store, key: str) -> Bundle | str:
    try:
        return read_bundle(store.read(key, BUNDLE_LIMIT))
    except (TbVersionsError, FileNotFoundError) as error:
        return f"{visible(key)} can't be read: {str(error).rstrip('.')}"


def _put(target: Target, bundle: Bundle) -> None:
    """Keeps a signature; one that is kept already stays as it is."""
    key = _key(target, bundle)
    kept = target.store.names(f"{ATTESTATIONS}/{target.number}")
    if os.path.basename(key) in kept:
        return
    if len(kept) >= MOST_KEPT:
        raise RefusedError(
            f"{len(kept)} signatures of {target.found.id} are kept already in {target.store.shown}/{ATTESTATIONS}, and "
            f"at most {MOST_KEPT} are. Delete those that nobody needs."
        )
    if not target.store.create(key, bundle.data):
        raise StorageError(f"{target.store.shown}/{key} is there already. Try again.")


def _key(target: Target, bundle: Bundle) -> str:
    return f"{ATTESTATIONS}/{target.number}/{_name(bundle)}"


def _name(bundle: Bundle) -> str:
    return f"{bundle.digest[7:23]}.sigstore.json"
