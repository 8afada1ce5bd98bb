"""Redacts the texts of an export: secrets, machines, people and paths; docs/guides/share-a-dashboard.md lists them.

`shareable` leaves out the fields that hold such things. In other texts, what can be known by its shape is masked. A
name becomes the same text wherever it stands, and two names never become one.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from tb_versions.exports.redaction.fields import (
    ELSEWHERE_FIELDS,
    FREE_KEYS,
    NAME_FIELDS,
    NUMBERS_BY_NAME,
    VERSION_FIELDS,
    Included,
    is_formal,
    is_of_the_format,
)
from tb_versions.privacy.diffs import mask_diff
from tb_versions.privacy.machines import HOST, USER, masked_by_name, own_names, without_hosts, without_mail
from tb_versions.privacy.paths import PATH, without_paths
from tb_versions.privacy.patterns import Pattern
from tb_versions.privacy.scrub import mask_arguments, mask_secrets, mask_uri, printable
from tb_versions.privacy.secrets import holds_secret
from tb_versions.privacy.tokens import MASK, mask_tokens

_SIMPLE = re.compile(r"(?=.{0,15}\Z)(?:\w+(?:[ -]\w+)*)?", re.ASCII)  # no dot, no option: 10.1.2.3, --pw x
_CONTESTED = re.compile(r"(:[0-9]{1,19}~)[0-9a-f]{8}(?:-[0-9]{1,9})?\Z", re.ASCII)  # with digits of a manifest's digest
_LINK = re.compile(r"(https?://[^\s()\[\]<>\"'`]*)")
_PLAIN_LINK = re.compile(r"https?://[A-Za-z0-9.-]{1,255}(?::[0-9]{1,5})?(?:[/#][^?@]{0,1000})?")
# `jane@trainbox:x` and `trainbox:/x`, the whole of an address; `mnist:3.0.1` is a name.
_HOST_AND_PATH = re.compile(
    r"(?!(?i:file|zip|tar|dbfs|memory|local|jdbc|data):)(?:[^@/\s]{1,300}@)?[A-Za-z0-9][A-Za-z0-9.-]{1,252}:(?!//)(?=\S)"
)

_AT_SOURCE = re.compile(r"\bpath ([^\n]{1,300}?) of source ")  # as `core.elsewhere.in_words` says it

_Mask = Callable[[str], str]


class _Masked(NamedTuple):
    """A text as it is exported, and the kinds of things that were masked in it."""

    text: str
    kinds: tuple[str, ...]


class Redactor:
    """Redacts texts, and remembers the results, because most texts occur many times.

    Attributes:
        include: What the author keeps by `--include`.
        patterns: What the author masks in every text by `--redact`.
        counts: Kind of thing to the number of texts in which it was masked.
    """

    def __init__(
        self,
        *,
        include: Iterable[Included] = (),
        patterns: Sequence[Pattern] = (),
        folders: Iterable[str] = (),
        masks: bool = True,
    ) -> None:
        """Prepares the rules.

        Args:
            include: What the author keeps by `--include`.
            patterns: What the author masks in every text by `--redact`.
            folders: Folders that were read, as they were given or absolute: paths below them become relative.
            masks: False leaves every text as it is: for texts that were redacted before.
        """
        self.include = frozenset(include)
        self.patterns = tuple(patterns)
        self.counts: Counter[str] = Counter()
        self._masks = masks
        self._machine, self._person = own_names()
        self._relative = _relative_to(folders)
        self._rules = {kind: tuple(self._rules_of(kind)) for kind in ("text", "version", "name", "words", "diff")}
        self._texts: dict[tuple[str, str], _Masked] = {}
        self._names: dict[str, _Masked] = {}
        self._taken: set[str] = set()
        self._elsewhere: set[str] = set()

    def text(self, text: str, *, is_version: bool = False) -> str:
        """Returns a free text as it is exported.

        Args:
            text: Any text.
            is_version: Whether it is the version of a package, which can look like an address of a machine.
        """
        return self._remembered(text, "version" if is_version else "text")

    def words(self, text: str) -> str:
        """Returns a title or an introduction as it is exported: the author's plain links and names stay."""
        return self._remembered(text, "words")

    def name(self, text: str) -> str:
        """Returns a name as it is exported; different names stay different."""
        if text.startswith("run:"):
            return "run:" + self.name(text[4:])
        masked = self._names.get(text)
        if masked is None:
            plain = _CONTESTED.sub(r"\1other", text) if self.patterns else text
            masked = self._names[text] = self._unique(self._masked(plain, "name"))
        return self._counted(masked)

    def hide_elsewhere(self, path: str) -> None:
        """Learns a path of files elsewhere, which then is masked in sentences that say where they are."""
        if path and not is_formal(path):
            self._elsewhere.add(path[:300])

    def knows(self, text: str) -> bool:
        """Whether a text was seen as a name."""
        return text.removeprefix("run:") in self._names

    def name_or_text(self, text: str) -> str:
        """Returns a text as it is exported; if it was seen as a name before, it becomes the same as there."""
        return self.name(text) if self.knows(text) else self.text(text)

    def tree(self, value: Any, field: str = "") -> Any:
        """Returns a payload as it is exported: each text by the field that holds it.

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
        if field in FREE_KEYS:
            return {self.name(key): self._free(key, one, field) for key, one in value.items()}
        if field == "ids":  # of rows, by number
            return {key: one and self.name(one) for key, one in value.items()}
        if field in ELSEWHERE_FIELDS and isinstance(value.get("path"), str):
            value = self._without_place(value)
        self._learn_key(value)
        if value.keys() == {"values", "codes"}:  # a column that has each value once
            return {part: self.tree(one, field) for part, one in value.items()}
        of_all = "environment" if field == "environment" else ""
        made = {key: self.tree(one, key if key == "packages" else of_all or key) for key, one in value.items()}
        if isinstance(value.get("key"), str) and isinstance(value.get("value"), str):  # a label that was set later
            made["value"] = self._free(value["key"], value["value"], "")
        if isinstance(value.get("name"), str) and isinstance(value.get("values"), list):  # a column of the table
            made["values"] = [self._free(value["name"], one, "") for one in value["values"]]
        return made

    def _without_place(self, elsewhere: Mapping[str, Any]) -> Mapping[str, Any]:
        """Where files lie below a source is a path of somebody's disk; the name of the source stays."""
        if not self._masks or "paths" in self.include or is_formal(elsewhere["path"]) or elsewhere["path"] == PATH:
            return elsewhere
        self.counts["paths"] += 1
        self.hide_elsewhere(elsewhere["path"])
        return {**elsewhere, "path": PATH}

    def _without_elsewhere(self, text: str) -> str:
        def masked(match: re.Match[str]) -> str:
            return f"path {PATH} of source " if match[1] in self._elsewhere else match[0]

        return _AT_SOURCE.sub(masked, text) if " of source " in text else text

    def _free(self, name: str, value: Any, field: str) -> Any:
        """A value that has a name of the author's choice: a label, a hyperparameter, a package, a seed."""
        if field == "packages":
            return self.text(value, is_version=True) if isinstance(value, str) else value
        if not self._masks or value in ("", MASK) or isinstance(value, (dict, list, bool, type(None))):
            return self.tree(value)
        if isinstance(value, str) and "hosts" not in self.include and masked_by_name(name):
            self.counts["hosts"] += 1
            return masked_by_name(name)
        if holds_secret(name, str(value)):
            self.counts["secrets"] += 1
            return MASK
        if not isinstance(value, str):
            self._note_number(value)
        return self.tree(value, field if field in NUMBERS_BY_NAME else "")

    def _note_number(self, value: float) -> None:
        """Notes a number that a pattern matches: numbers are not masked, and the author is told."""
        for pattern in self.patterns:
            pattern.note_number(int(value) if float(value).is_integer() else value)

    def _learn_key(self, metric: Mapping[str, Any]) -> None:
        """Redacts a metric's key, which is made of its name, dataset and slice, in the same way as these."""
        key, name, dataset, part = (metric.get(field) for field in ("key", "name", "dataset", "slice"))
        if key in self._names or not (isinstance(key, str) and isinstance(name, str)):
            return
        if not (isinstance(dataset, str) and isinstance(part, str)) or not (dataset or part):
            return
        made = f"{self.name(name)} [{'/'.join(self.name(one) for one in (dataset, part) if one)}]"
        source = metric.get("source")
        if isinstance(source, str) and source and key.endswith(f" ({source})"):  # of what was measured later
            made += f" ({self.tree(source, 'source')})"
        self._names[key] = self._unique(_Masked(made, ()))

    def _field(self, text: str, field: str) -> str:
        if field in ("uri", "remote"):
            text = self._address(text)
        if is_of_the_format(text, field):
            return text
        if field == "diff":
            return self._remembered(text, "diff")
        return self.name(text) if field in NAME_FIELDS else self.text(text, is_version=field in VERSION_FIELDS)

    def _address(self, text: str) -> str:
        """Returns an address of data or code without machine, user and password."""
        if not self._masks:
            return text
        text, found = text.strip(), _HOST_AND_PATH.match(text.strip())
        if found and "hosts" not in self.include and ("@" in found[0] or text[found.end()] in "~/"):
            self.counts["hosts"] += 1
            return f"{HOST}:{text[found.end() :]}"
        masked = mask_uri(text)
        self.counts["secrets"] += masked != text
        return masked

    def _arguments(self, arguments: Sequence[str]) -> list[str]:
        """Arguments of a command, included on purpose: secrets and machines are masked in them all the same."""
        masked = mask_arguments(arguments)
        self.counts["secrets"] += masked != list(arguments)
        if "hosts" in self.include:
            return masked
        pairs = zip(["", *masked], masked, strict=False)
        return [(option[:1] == "-" and one[:1] != "-" and masked_by_name(option)) or one for option, one in pairs]

    def _remembered(self, text: str, kind: str) -> str:
        masked = self._texts.get((text, kind))
        if masked is None:
            masked = self._texts[text, kind] = self._masked(text, kind)
        return self._counted(masked)

    def _counted(self, masked: _Masked) -> str:
        self.counts.update(masked.kinds)
        return masked.text

    def _masked(self, text: str, kind: str) -> _Masked:
        kinds: dict[str, None] = {}
        rules = () if self._is_harmless(text) else self._rules[kind]
        for what, mask in (*rules, *(("patterns", pattern.sub) for pattern in self.patterns)):
            before, text = text, mask(text)
            if text != before and what:
                kinds[what] = None
        return _Masked(text, tuple(kinds))

    def _is_harmless(self, text: str) -> bool:
        """Returns whether no rule can find anything in the text; the author's patterns are applied all the same."""
        if not self._masks or is_formal(text):
            return True
        return _SIMPLE.fullmatch(text) is not None and self._without_own_names(text) == text

    def _rules_of(self, kind: str) -> Iterable[tuple[str, _Mask]]:
        """The kinds of things that are masked in texts of a kind, in this order, and the functions that do it."""
        around_links = _beside_links if kind == "words" else lambda mask: mask
        yield "", lambda text: printable(text, newlines=True)
        yield "secrets", mask_tokens  # first: a `/` in a private key is no path
        if "paths" not in self.include:
            yield "paths", self._without_elsewhere
            yield "paths", self._relative
            yield "paths", around_links(lambda text: without_paths(text, is_name=kind == "name"))
        yield "secrets", mask_diff if kind == "diff" else around_links(mask_secrets)
        if "hosts" not in self.include and kind != "words":
            yield "hosts", lambda text: without_hosts(text, is_version=kind == "version")
            yield "hosts", self._without_own_names
            yield "users", without_mail

    def _without_own_names(self, text: str) -> str:
        text = self._machine.sub(HOST, text) if self._machine else text
        return self._person.sub(USER, text) if self._person else text

    def _unique(self, masked: _Masked) -> _Masked:
        text, number = masked.text, 2
        while text in self._taken:
            text, number = f"{masked.text} ({number})", number + 1
        self._taken.add(text)
        return masked._replace(text=text)


def _relative_to(folders: Iterable[str]) -> _Mask:
    """Returns a function that makes paths below some folders relative, and shortens the folders to their last part."""
    roots = {folder.rstrip("/") for folder in folders if folder.rstrip("/")}
    longest = "|".join(re.escape(root) for root in sorted(roots, key=lambda folder: (-len(folder), folder)))
    if not longest:
        return lambda text: text
    below, at = re.compile(rf"(?<![\w./-])(?:{longest})/"), re.compile(rf"(?<![\w./-])(?:{longest})(?![\w/-])")
    return lambda text: at.sub(lambda match: os.path.basename(match[0]), below.sub("", text))


def _beside_links(mask: _Mask) -> _Mask:
    """Returns a function that masks a text but leaves links in it that have neither user nor query."""
    return lambda text: "".join(piece if _PLAIN_LINK.fullmatch(piece) else mask(piece) for piece in _LINK.split(text))
