"""What leaves the house with an export: texts without secrets, machines, people and paths, unless asked for.

Taken out is what can be known by its place or by its shape: see docs/guides/share-a-dashboard.md. A name stays a
name: one text becomes the same text wherever it stands, and two names never become one.
"""

from __future__ import annotations

import getpass
import os
import re
import socket
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from tb_versions.exporting.privacy.patterns import Pattern
from tb_versions.scrub import MASK, mask_tokens, names_secret, scrub_arguments, scrub_text, scrub_uri

Included = Literal["code-diff", "hosts", "paths"]
"""What is taken along when it is asked for."""

INCLUDABLE: tuple[Included, ...] = ("code-diff", "hosts", "paths")

PUBLIC_HOSTS = frozenset(
    {"github.com", "gitlab.com", "bitbucket.org", "codeberg.org", "huggingface.co", "zenodo.org", "kaggle.com"}
    | {"www.kaggle.com", "storage.googleapis.com", "pypi.org", "www.tensorflow.org", "tfhub.dev", "localhost"}
)
"""Hosts that say nothing of the author's machines."""

HOST, PATH, USER = "[host]", "[path]", "[user]"

_SIMPLE = re.compile(r"[A-Za-z0-9_ -]{0,15}", re.ASCII)  # without a dot: 10.1.2.3, build.local
_FORMAL = re.compile(
    r"sha256:[0-9a-f]{64}|[0-9a-f]{12}|[0-9a-f]{16}|[0-9a-f]{40}|-?[0-9]{1,20}(?:\.[0-9]{1,17})?|NaN|-?Infinity"
    r"|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,18}Z",
    re.ASCII,
)
# fmt: off
_WORDS = frozenset({
    "present", "changed", "missing", "unreachable", "outside", "damaged", "unchecked", "ready", "loading", "max",
    "min", "unknown", "manifest", "inferred", "typed", "log", "evaluated", "run", "version", "MAX", "MIN", "TYPED",
    "LOG", "EVALUATED", "FINE_TUNED_FROM", "DISTILLED_FROM", "DERIVED_FROM", "extra", "size", "saved_model", "files",
    "text",
})
"""Words of the formats themselves: no pattern changes them."""


_NAME_FIELDS = frozenset({
    "id", "ref", "model", "name", "key", "run", "runs", "tag", "dataset", "slice", "parents", "same_run",
    "same_content", "label", "recipe",
})
_COMMON_USERS = frozenset({
    "root", "user", "users", "admin", "ubuntu", "debian", "test", "runner", "jovyan", "model", "models", "guest",
    "home", "data",
})
# fmt: on
_FREE_KEYS = frozenset({"labels", "hyperparameters", "seeds", "packages", "ops", "curves"})
_VERSION_FIELDS = frozenset({"environment", "tensorflow_version", "tensorflowVersion", "framework"})

_BUCKETS = "(?:s3a?|gs|gcs|abfss?|wasbs?|az|adl|hf|file|memory|data|r2|oss|cos|obs|b2)"
_URL_HOST = re.compile(rf"(?i)(?<![a-z0-9+.-])((?!{_BUCKETS}://)[a-z][a-z0-9+.-]{{0,30}}://)([^/?#\s\"'<>:\[\]]+)")
_PLAIN_LINK = re.compile(
    r"(https?://[A-Za-z0-9.-]{1,255}(?::[0-9]{1,5})?(?:[/#][^\s?@\"'<>`()\[\]]{0,1000})?)(?![^\s()\[\]<>\"'`]*[?@])"
)
_SCP_HOST = re.compile(r"(?<![\w/:.@-])([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6})(?=:[~\w][\w./~-]{0,200}/)")
_INNER_HOST = re.compile(
    r"(?i)(?<![\w.-])[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,5}\.(?:local|internal|intranet|corp|lan|localdomain)(?![\w.-])"
)
_ADDRESS = re.compile(r"(?<![\w.-])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![\w.-])", re.ASCII)
_EVENT_FILE = re.compile(r"(events\.out\.tfevents\.[0-9]{1,20}\.)[^\s/\"']{1,200}")
_DATED_RUN = re.compile(r"(?<![A-Za-z0-9])([A-Z][a-z]{2}[0-9]{2}_[0-9]{2}-[0-9]{2}-[0-9]{2}_)[A-Za-z0-9.-]{1,100}")
_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,6}")
_POSIX_PATH = re.compile(r"(?<![\w.~/\\:\])-])/(?:[^\s/\"'`<>|:;,()\[\]{}]{1,255}/)+[^\s/\"'`<>|:;,()\[\]{}]{0,255}")
_KEEP = "\U0010fffd"
_HOME_BEGINNING = re.compile(r"([/\\])(home|homes|Users|root)(?![\w.-])")
_ROOTED_PATH = re.compile(
    r"(?<![\w.~/\\:\])-])/(?:home|root|Users|data|datasets|mnt|media|tmp|var|opt|srv|usr|etc|scratch|work|workspace|nfs"
    r"|lustre|gpfs|projects|private|Volumes)(?:/[^\s/\"'`<>|:;,()\[\]{}]{1,255})+"
)
_FILE_URL = re.compile(r"(?i)file:/{1,3}[^\s\"'`<>|;,()\[\]{}]{1,1000}")
_WINDOWS_PATH = re.compile(r"(?<![\w])(?:[A-Za-z]:[\\/]|\\\\)[^\s\"'`<>|;,()\[\]{}]{2,1000}")
_HOME_REST = re.compile(r"(?<![\w.])~(?:[\\/][^\s\"'`<>|:;,()\[\]{}\\/]{1,255})+")


class _Told(NamedTuple):
    """A text as it travels, and what was taken out of it."""

    text: str
    kinds: tuple[str, ...]


class Redactor:
    """Takes out of texts what must not leave; keeps what it has seen, for most texts come again and again.

    Attributes:
        counts: What was taken out, in words, to the number of texts.
    """

    def __init__(
        self,
        *,
        include: Iterable[Included] = (),
        patterns: Sequence[Pattern] = (),
        folders: Iterable[str] = (),
    ) -> None:
        """Says what is taken along and what more is taken out.

        Args:
            include: What is taken along knowingly.
            patterns: What the author wants out of every text.
            folders: Folders that were read, as they were given or absolute: paths below them become relative.
        """
        self.include = frozenset(include)
        self.patterns = tuple(patterns)
        self.counts: Counter[str] = Counter()
        roots = {folder.rstrip("/") for folder in folders if folder.rstrip("/")}
        longest = sorted(roots, key=lambda folder: (-len(folder), folder))
        self._below = re.compile("|".join(rf"(?<![\w./-]){re.escape(root)}/" for root in longest)) if longest else None
        self._at = re.compile("|".join(rf"(?<![\w./-]){re.escape(r)}(?![\w/-])" for r in longest)) if longest else None
        self._machine, self._person = _own_machine(), _own_user()
        self._texts: dict[tuple[str, bool], _Told] = {}
        self._names: dict[str, _Told] = {}
        self._taken: set[str] = set()

    def text(self, text: str, *, is_version: bool = False) -> str:
        """Returns a free text as it travels.

        Args:
            text: Any text.
            is_version: Whether it is the version of a package, which can look like an address of a machine.
        """
        return self._counted(self._told(text, is_version))

    def words(self, text: str) -> str:
        """Returns what the author wrote for the readers of the export: plain links stay, and so do the names in it."""
        kinds: list[str] = []
        pieces = _PLAIN_LINK.split(text)
        told = "".join(
            mask_tokens(piece) if place % 2 else self._without_secrets(piece) for place, piece in enumerate(pieces)
        )
        told = self._step(kinds, "secrets", text, told)
        if "paths" not in self.include:
            pieces = _PLAIN_LINK.split(told)
            pathless = "".join(piece if place % 2 else _without_paths(piece) for place, piece in enumerate(pieces))
            told = self._step(kinds, "paths", told, pathless)
        return self._counted(self._patterned(told, kinds))

    def name(self, text: str) -> str:
        """Returns a name as it travels; two names stay two."""
        if text.startswith("run:"):
            return "run:" + self.name(text[4:])
        told = self._names.get(text)
        if told is None:
            told = self._names[text] = self._unique(self._told_name(text))
        return self._counted(told)

    def tree(self, value: Any, field: str = "") -> Any:
        """Returns a payload as it travels: each text by the field that holds it.

        Args:
            value: JSON: objects, lists, texts, numbers.
            field: Name of the field that holds it.
        """
        if isinstance(value, str):
            return self._field(value, field)
        if isinstance(value, dict):
            return self._object(value, field)
        if isinstance(value, list):
            if field == "arguments" and all(isinstance(one, str) for one in value):
                value = self._arguments(value)
            return [self.tree(one, field if isinstance(one, str) else "") for one in value]
        return value

    def _object(self, value: Mapping[str, Any], field: str) -> dict[str, Any]:
        if field == "packages":
            return {self.name(key): self._version(one) for key, one in value.items()}
        if field in _FREE_KEYS:
            return {self.name(key): self._secret(key, self.tree(one)) for key, one in value.items()}
        self._learn_key(value)
        inner = "environment" if field == "environment" else ""
        told = {
            key: self.tree(one, inner or key) if key != "packages" else self.tree(one, key)
            for key, one in value.items()
        }
        if isinstance(value.get("name"), str) and isinstance(value.get("values"), list):  # a column of the table
            told["values"] = [self._secret(value["name"], one) for one in told["values"]]
        return told

    def _learn_key(self, metric: Mapping[str, Any]) -> None:
        """A metric's key is made of its name, dataset and slice: what becomes of them becomes of it."""
        key, name, dataset, part = (metric.get(field) for field in ("key", "name", "dataset", "slice"))
        if key in self._names or not (isinstance(key, str) and isinstance(name, str)):
            return
        if not (isinstance(dataset, str) and isinstance(part, str)) or not (dataset or part):
            return
        told = f"{self.name(name)} [{'/'.join(self.name(one) for one in (dataset, part) if one)}]"
        self._names[key] = self._unique(_Told(told, ()))

    def _field(self, text: str, field: str) -> str:
        if field in ("uri", "remote") and "paths" not in self.include:
            scrubbed = scrub_uri(text)
            self.counts["secrets"] += scrubbed != text
            text = scrubbed
        if field in _NAME_FIELDS:
            return self.name(text)
        return self.text(text, is_version=field in _VERSION_FIELDS)

    def _version(self, value: Any) -> Any:
        return self.text(value, is_version=True) if isinstance(value, str) else value

    def _arguments(self, arguments: Sequence[str]) -> list[str]:
        scrubbed = list(scrub_arguments(arguments))
        if scrubbed != list(arguments) and "paths" not in self.include:
            self.counts["secrets"] += 1
            return scrubbed
        return [
            MASK if new == MASK or new.endswith("=" + MASK) else old
            for old, new in zip(arguments, scrubbed, strict=True)
        ]

    def _secret(self, name: str, value: Any) -> Any:
        if isinstance(value, str) and value and value != MASK and names_secret(name):
            self.counts["secrets"] += 1
            return MASK
        return value

    def _counted(self, told: _Told) -> str:
        for kind in told.kinds:
            self.counts[kind] += 1
        return told.text

    def _told(self, text: str, is_version: bool) -> _Told:
        if _FORMAL.fullmatch(text) or text in _WORDS:
            return _Told(text, ())
        told = self._texts.get((text, is_version))
        if told is None:
            told = self._texts[text, is_version] = self._scrubbed(text, is_version)
        return told

    def _scrubbed(self, text: str, is_version: bool) -> _Told:
        kinds: list[str] = []
        if not (_SIMPLE.fullmatch(text) and not self._concerns(text)):
            text = self._step(kinds, "paths", text, self._relative(text))
            text = self._step(kinds, "secrets", text, self._without_secrets(text))
            if "paths" not in self.include:
                text = self._step(kinds, "paths", text, _without_paths(text))
            if "hosts" not in self.include:
                text = self._step(kinds, "hosts", text, self._without_hosts(text, is_version))
                text = self._step(kinds, "users", text, self._without_user(_MAIL.sub(USER, text)))
        return self._patterned(text, kinds)

    def _told_name(self, text: str) -> _Told:
        if _FORMAL.fullmatch(text) or text in _WORDS:
            return _Told(text, ())
        kinds: list[str] = []
        if not (_SIMPLE.fullmatch(text) and not self._concerns(text)):
            text = self._step(kinds, "paths", text, self._relative(text))
            text = self._step(kinds, "secrets", text, self._without_secrets(text))
            if "paths" not in self.include:
                rooted = _ROOTED_PATH.sub(PATH, _FILE_URL.sub(PATH, text))
                text = self._step(kinds, "paths", text, _WINDOWS_PATH.sub(PATH, rooted))
            if "hosts" not in self.include:
                inner = _ADDRESS.sub(HOST, _INNER_HOST.sub(HOST, _URL_HOST.sub(_masked_host, text)))
                text = self._step(kinds, "hosts", text, self._without_machine(inner))
                parts = [USER if part and part == self._person else part for part in text.split("/")]
                text = self._step(kinds, "users", text, _MAIL.sub(USER, "/".join(parts)))
        return self._patterned(text, kinds)

    def _unique(self, told: _Told) -> _Told:
        text, number = told.text, 2
        while text in self._taken:
            text, number = f"{told.text} ({number})", number + 1
        self._taken.add(text)
        return told._replace(text=text)

    def _patterned(self, text: str, kinds: list[str]) -> _Told:
        for pattern in self.patterns:
            text = self._step(kinds, "patterns", text, pattern.sub(text))
        return _Told(text, tuple(dict.fromkeys(kinds)))

    def _step(self, kinds: list[str], kind: str, before: str, after: str) -> str:
        if after != before:
            kinds.append(kind)
        return after

    def _concerns(self, text: str) -> bool:
        return bool((self._machine and self._machine.search(text)) or (self._person and self._person in text))

    def _relative(self, text: str) -> str:
        """Paths below the folders that were read, without them; the folders themselves by their last part."""
        if self._below is None or self._at is None or "paths" in self.include:
            return text
        return self._at.sub(lambda match: os.path.basename(match[0]), self._below.sub("", text))

    def _without_secrets(self, text: str) -> str:
        if "paths" not in self.include:
            return scrub_text(text)
        kept = _HOME_BEGINNING.sub(rf"\1{_KEEP}\2", text)  # scrubbing would take homes out
        return scrub_text(kept).replace(_KEEP, "") if _KEEP not in text else scrub_text(text)

    def _without_hosts(self, text: str, is_version: bool) -> str:
        text = _URL_HOST.sub(_masked_host, text)
        text = _SCP_HOST.sub(lambda m: m[0] if m[1].lower() in PUBLIC_HOSTS else HOST, text)
        text = _INNER_HOST.sub(HOST, text)
        if not is_version or " " in text:
            text = _ADDRESS.sub(HOST, text)
        return self._without_machine(text)

    def _without_machine(self, text: str) -> str:
        text = _DATED_RUN.sub(rf"\1{HOST}", _EVENT_FILE.sub(rf"\1{HOST}", text))
        return self._machine.sub(HOST, text) if self._machine else text

    def _without_user(self, text: str) -> str:
        return re.sub(rf"(?<![\w-]){re.escape(self._person)}(?![\w-])", USER, text) if self._person else text


def _masked_host(match: re.Match[str]) -> str:
    host = match[2].rpartition("@")[2].lower()
    return match[0] if host in PUBLIC_HOSTS else match[1] + HOST


def _without_paths(text: str) -> str:
    for shape in (_FILE_URL, _HOME_REST, _POSIX_PATH, _WINDOWS_PATH):
        text = shape.sub(PATH, text)
    return text


def _own_machine() -> re.Pattern[str] | None:
    names = {name for name in (socket.gethostname(), socket.gethostname().partition(".")[0]) if len(name) > 3}
    names -= {"localhost", "localhost.localdomain"}
    longest = sorted(map(re.escape, names), key=lambda name: (-len(name), name))
    return re.compile(rf"(?<![A-Za-z0-9])(?:{'|'.join(longest)})(?![A-Za-z0-9])") if longest else None


def _own_user() -> str:
    try:
        name = getpass.getuser()
    except (KeyError, OSError, ImportError):
        return ""
    return name if len(name) > 3 and name.lower() not in _COMMON_USERS else ""
