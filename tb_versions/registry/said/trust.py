"""What events say of checks: of files, answers and signatures. Pure."""

from __future__ import annotations

import math

from tb_versions.core.manifest import (
    check_text,
    shown,
)
from tb_versions.errors import InvalidManifestError
from tb_versions.registry.behaviour_facts import MAX_LISTED_IN_ALL, MAX_OUTPUTS, MovedOutput
from tb_versions.registry.said.base import MAX_ACTOR, MAX_REASON, Said, check_digest, check_number

MAX_FORMATS = 20
"""Most formats of models that an inspection names."""


class Verified(Said, frozen=True):
    """The version's files were compared with its manifest.

    Attributes:
        ok: Whether they are as published.
        digest: Of the files, as the manifest says.
        how: "digests", or "sizes" for a quick look.
        found: What differs, in words; "" if nothing.
    """

    ok: bool
    digest: str = ""
    how: str = "digests"
    found: str = ""

    def check(self) -> None:
        """Raises InvalidManifestError or InvalidNameError where a rule is broken."""
        check_digest(self.digest)
        check_text(self.how, "The way of verifying", limit=64)
        check_text(self.found, "What differs", limit=MAX_REASON)


class Replayed(Said, frozen=True):
    """The version was asked again, and its answers were compared with its golden outputs.

    Attributes:
        ok: Whether all are the same, within the tolerance.
        golden: Digest of the golden outputs.
        tensorflow: Version of the TensorFlow that loaded it; "" where it got not so far.
        device: Where it ran.
        outputs: Number of outputs that were compared.
        max_error: Largest difference of a number; None where none is known.
        agreement: Smallest share of examples whose largest score has the same position; None where there are no scores.
        absolute: Difference that was allowed, where it was given; else None: by the type of the numbers.
        relative: Likewise the share that was allowed on top.
        found: What differs, or why there was no answer, in words; "" if nothing.
    """

    ok: bool
    golden: str = ""
    tensorflow: str = ""
    device: str = ""
    outputs: int = 0
    max_error: float | None = None
    agreement: float | None = None
    absolute: float | None = None
    relative: float | None = None
    found: str = ""

    @property
    def words(self) -> str:
        """How it came out: "replayed on TF 2.21.0 / CPU, max error 3e-07"; with the tolerance where one was given."""
        where = f" on TF {self.tensorflow} / {self.device}" if self.tensorflow else ""
        error = f", max error {self.max_error:.2g}" if self.max_error is not None else ""
        given = "" if self.is_usual else f", tolerance {self.absolute or 0:g},{self.relative or 0:g}"
        return f"{'replayed' if self.ok else 'answers differ or are missing, replayed'}{where}{error}{given}"

    @property
    def is_usual(self) -> bool:
        """Whether numbers were compared as their types ask for, and not by a tolerance that was given."""
        return self.absolute is None and self.relative is None

    def check(self) -> None:
        """Raises InvalidManifestError or InvalidNameError where a rule is broken."""
        check_digest(self.golden)
        check_text(self.tensorflow, "The version of TensorFlow", limit=64)
        check_text(self.device, "The device", limit=64)
        check_text(self.found, "What differs", limit=MAX_REASON)
        check_number(self.outputs)
        for number in (self.max_error, self.agreement, self.absolute, self.relative):
            if number is not None and not (math.isfinite(number) and number >= 0):
                raise InvalidManifestError(f"{shown(number)} is no number from 0 on.")


class Inspected(Said, frozen=True):
    """What is in the version's files was looked at, without loading them.

    Attributes:
        digest: Of the files, as the manifest says.
        formats: Of the models that were found, each once.
        files: Number of files.
        dangerous: Number of findings that can run code, or read, write or send data.
        custom: Number of findings that need code that is not in the model.
        unread: Number of findings that could not be looked at.
        others: Number of files of other formats, of which nothing is known.
        found: The first of these findings, in words; "" if there are none.
    """

    digest: str = ""
    formats: tuple[str, ...] = ()
    files: int = 0
    dangerous: int = 0
    custom: int = 0
    unread: int = 0
    others: int = 0
    found: str = ""

    @property
    def words(self) -> str:
        """What came of it: "nothing dangerous was found in 4 files, but not all of them could be looked at"."""
        files = f"{self.files:,} file{'' if self.files == 1 else 's'}"
        if self.dangerous:
            return f"{self.dangerous:,} dangerous finding{'' if self.dangerous == 1 else 's'} in {files}"
        if not self.formats:
            return f"no model was found in {files}"
        if self.unread:
            return f"nothing dangerous was found in {files}, but not all could be looked at"
        code = ", but code that nobody judged" if self.custom else ""
        return f"nothing dangerous was found in {files}{code}"

    def check(self) -> None:
        """Raises InvalidManifestError or InvalidNameError where a rule is broken."""
        check_digest(self.digest)
        if len(self.formats) > MAX_FORMATS:
            raise InvalidManifestError(f"A list of {len(self.formats):,} where at most {MAX_FORMATS} can be.")
        for form in self.formats:
            check_text(form, "The format", limit=64)
        for number in (self.files, self.dangerous, self.custom, self.unread, self.others):
            check_number(number)
        check_text(self.found, "What was found", limit=MAX_REASON)


class BehaviourCompared(Said, frozen=True):
    """The version and another one were asked the same, and their answers were compared.

    Attributes:
        other: The version that it was compared with, "digits:3": "before" is that one, "after" the event's own.
        other_manifest: Digest of its manifest.
        inputs: Whose inputs these were: "before", "after" (golden inputs of that version), or "given".
        inputs_digests: Of the files with these inputs.
        repeated: How many examples were not counted, because they are equal to an earlier one.
        labels: Where labels came from: "golden", "given", or "" where none are known.
        tensorflow: Version of the TensorFlow that loaded both.
        device: Where they ran.
        outputs: How each output differs.
        left_out: Sentences about what was not compared.
    """

    other: str
    other_manifest: str = ""
    inputs: tuple[str, ...] = ()
    inputs_digests: tuple[str, ...] = ()
    repeated: int = 0
    labels: str = ""
    tensorflow: str = ""
    device: str = ""
    outputs: tuple[MovedOutput, ...] = ()
    left_out: tuple[str, ...] = ()

    @property
    def words(self) -> str:
        """What came of it, without the test: "answers compared with digits:3 on 16 examples, 3 flipped"."""
        examples = max((each.examples for each in self.outputs), default=0)
        on = f" on {examples:,} example{'' if examples == 1 else 's'}" if examples else ""
        known = [each.flipped for each in self.outputs if each.flipped is not None]
        flipped = f", {max(known):,} flipped" if known else ""
        return f"answers compared with {self.other}{on}{flipped}"

    def check(self) -> None:
        """Raises InvalidManifestError or InvalidNameError where a rule is broken."""
        check_text(self.other, "The other version", limit=MAX_ACTOR)
        for text in (*self.inputs, self.labels, self.tensorflow, self.device):
            check_text(text, "What was compared", limit=64)
        for digest in (self.other_manifest, *self.inputs_digests):
            check_digest(digest)
        check_number(self.repeated)
        for many, most in (
            (self.inputs, 2),
            (self.inputs_digests, 2),
            (self.outputs, MAX_OUTPUTS),
            (self.left_out, 20),
        ):
            if len(many) > most:
                raise InvalidManifestError(f"A list of {len(many):,} where at most {most} can be.")
        for sentence in self.left_out:
            check_text(sentence, "What was not compared", limit=MAX_REASON)
        for output in self.outputs:
            output.check()
        if sum(len(output.listed) for output in self.outputs) > MAX_LISTED_IN_ALL:
            raise InvalidManifestError(f"At most {MAX_LISTED_IN_ALL} examples are listed.")


class Signed(Said, frozen=True):
    """A signature of the version's files was kept beside the log; whoever signed says so, and nobody checked it.

    Attributes:
        bundle: Digest of the signature.
        key: Fingerprint of the key that it names; "" where it names none.
    """

    bundle: str
    key: str = ""

    def check(self) -> None:
        """Raises InvalidManifestError or InvalidNameError where a rule is broken."""
        check_digest(self.bundle)
        check_digest(self.key)


class SignatureChecked(Said, frozen=True):
    """A signature was checked: whether it is of the version's files, as its manifest has them, and by whom.

    Attributes:
        ok: Whether it is.
        bundle: Digest of the signature.
        key: Fingerprint of the key; "" where an identity was asked for.
        name: How who checked calls the key.
        identity: That signed, as Sigstore has it; "" where a key was asked for.
        issuer: Who vouched for the identity.
        found: Why not, in words; "" if it is.
    """

    ok: bool
    bundle: str
    key: str = ""
    name: str = ""
    identity: str = ""
    issuer: str = ""
    found: str = ""

    @property
    def who(self) -> str:
        """By whom, in words: "the key release (sha256:3f0a1b…)"."""
        if self.identity:
            return f"{self.identity} ({self.issuer})"
        return key_in_words(self.key, self.name)

    def check(self) -> None:
        """Raises InvalidManifestError or InvalidNameError where a rule is broken."""
        check_digest(self.bundle)
        check_digest(self.key)
        check_text(self.name, "The name of the key", limit=256)
        check_text(self.identity, "The identity", limit=MAX_REASON)
        check_text(self.issuer, "The issuer", limit=MAX_REASON)
        check_text(self.found, "What is wrong", limit=MAX_REASON)


def key_in_words(fingerprint: str, name: str = "") -> str:
    """Returns how a key is called: "the key release (sha256:3f0a1b2c3d4e…)"."""
    short = f"{fingerprint[:19]}…" if fingerprint else "whose fingerprint is not known"
    return f"the key {name} ({short})" if name else f"the key {short}"
