"""What leaves the house with an export: texts without secrets, machines, people and paths, unless asked for.

Taken out is what can be known by its place or by its shape: see docs/guides/share-a-dashboard.md. A name stays a
name: one text becomes the same text wherever it stands, and two names never become one.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from tb_versions.exports.redaction.fields import (
    FREE_KEYS,
    NAME_FIELDS,
    NUMBERS_BY_NAME,
    VERSION_FIELDS,
    is_formal,
    is_of_the_format,
)
from tb_versions.privacy.links import by_links
from tb_versions.privacy.machines import (
    HOST,
    USER,
    masked_hosts,
    names_host,
    without_host_before_path,
    without_host_in_run,
    without_hosts,
    without_hosts_in_name,
    without_hosts_of_options,
    without_mail,
)
from tb_versions.privacy.paths import without_homes, without_paths, without_rooted_paths
from tb_versions.privacy.patterns import Pattern
from tb_versions.privacy.scrub import (
    MASK,
    mask_tokens,
    printable,
    scrub_arguments,
    scrub_home,
    scrub_text,
    scrub_uri,
    without_queries,
)
from tb_versions.privacy.secrets import holds_secret
from tb_versions.privacy.this_machine import own_machine, own_user

Included = Literal["code-diff", "hosts", "paths"]
"""What is taken along when it is asked for."""

INCLUDABLE: tuple[Included, ...] = ("code-diff", "hosts", "paths")

_SIMPLE = re.compile(r"(?=.{0,15}\Z)(?:\w+(?:[ -]\w+)*)?", re.ASCII)  # no dot, no option: 10.1.2.3, --pw x
_CONTESTED = re.compile(r"(:[0-9]{1,19}~)[0-9a-f]{8}(?:-[0-9]{1,9})?\Z", re.ASCII)  # with digits of a manifest's digest
_KEEP = "\U0010fffd"
_HOME_BEGINNING = re.compile(r"([/\\])(home|homes|Users|root)(?![\w.-])")


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
        self._machine, self._person = own_machine(), own_user()
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
        text = printable(text, newlines=True)
        if "paths" not in self.include:
            text = self._step(kinds, "paths", text, _beside_links(self._homeless, text))
        text = self._step(kinds, "links", text, _beside_links(without_queries, text))
        told = "".join(mask_tokens(one) if is_link else self._without_secrets(one) for is_link, one in by_links(text))
        text = self._step(kinds, "secrets", text, told)
        if "paths" not in self.include:
            text = self._step(kinds, "paths", text, _beside_links(without_paths, text))
        return self._counted(self._patterned(text, kinds))

    def name(self, text: str) -> str:
        """Returns a name as it travels; two names stay two."""
        if text.startswith("run:"):
            return "run:" + self.name(text[4:])
        told = self._names.get(text)
        if told is None:
            told = self._names[text] = self._unique(self._told_name(text))
        return self._counted(told)

    def name_or_text(self, text: str) -> str:
        """Returns a text that may be a name: one that was seen becomes what it became there."""
        return self.name(text) if text in self._names else self.text(text)

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
        if field in FREE_KEYS:
            return {self.name(key): self._free(key, one, field) for key, one in value.items()}
        self._learn_key(value)
        if value.keys() == {"values", "codes"}:  # a column that tells each value once
            return {part: self.tree(one, field) for part, one in value.items()}
        inner = "environment" if field == "environment" else ""
        told = {
            key: self.tree(one, inner or key) if key != "packages" else self.tree(one, key)
            for key, one in value.items()
        }
        if isinstance(value.get("name"), str) and isinstance(value.get("values"), list):  # a column of the table
            told["values"] = [self._free(value["name"], one, "") for one in value["values"]]
        return told

    def _free(self, name: str, value: Any, field: str) -> Any:
        """A value that anybody named."""
        if isinstance(value, str) and names_host(name) and "hosts" not in self.include:
            masked = masked_hosts(value)
            self.counts["hosts"] += masked != value
            value = masked
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            self._note_number(value)
        inner = field if field in NUMBERS_BY_NAME and not isinstance(value, dict) else ""
        return self._secret(name, self.tree(value, inner))

    def _note_number(self, value: float) -> None:
        """A number stays one: a pattern that would match it says so."""
        for pattern in self.patterns:
            pattern.note_number(int(value) if float(value).is_integer() else value)

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
            if "hosts" not in self.include:
                hostless = without_host_before_path(text, is_remote=field == "remote")
                self.counts["hosts"] += hostless != text
                text = hostless
            steps = (("paths", self._homeless), ("links", without_queries), ("secrets", scrub_uri))
            text = printable(text.strip())
            for kind, step in steps:
                scrubbed = step(text)
                self.counts[kind] += scrubbed != text
                text = scrubbed
        if is_of_the_format(text, field):
            return text
        return self.name(text) if field in NAME_FIELDS else self.text(text, is_version=field in VERSION_FIELDS)

    def _version(self, value: Any) -> Any:
        return self.text(value, is_version=True) if isinstance(value, str) else value

    def _arguments(self, arguments: Sequence[str]) -> list[str]:
        if "hosts" not in self.include:
            hostless = without_hosts_of_options(arguments)
            self.counts["hosts"] += hostless != arguments
            arguments = hostless
        steps = (("paths", self._homeless), ("links", without_queries)) if "paths" not in self.include else ()
        for kind, step in steps:
            told = [step(printable(argument, newlines=True)) for argument in arguments]
            self.counts[kind] += told != list(arguments)
            arguments = told
        scrubbed = list(scrub_arguments(arguments))
        if scrubbed != list(arguments) and "paths" not in self.include:
            self.counts["secrets"] += 1
            return scrubbed
        return [
            MASK if new == MASK or new.endswith("=" + MASK) else old
            for old, new in zip(arguments, scrubbed, strict=True)
        ]

    def _secret(self, name: str, value: Any) -> Any:
        if isinstance(value, str) and value and value != MASK and holds_secret(name, value):
            self.counts["secrets"] += 1
            return MASK
        return value

    def _counted(self, told: _Told) -> str:
        for kind in told.kinds:
            self.counts[kind] += 1
        return told.text

    def _told(self, text: str, is_version: bool) -> _Told:
        told = self._texts.get((text, is_version))
        if told is None:
            told = self._texts[text, is_version] = self._scrubbed(text, is_version)
        return told

    def _scrubbed(self, text: str, is_version: bool) -> _Told:
        kinds: list[str] = []
        if not self._is_harmless(text):
            text = self._without_homes(text, kinds)
            if "paths" not in self.include:
                text = self._step(kinds, "paths", text, without_paths(text))
            if "hosts" not in self.include:
                hostless = self._without_machine(without_hosts(text, is_version=is_version))
                text = self._step(kinds, "hosts", text, hostless)
                text = self._step(kinds, "users", text, self._without_user(without_mail(text)))
        return self._patterned(text, kinds)

    def _told_name(self, text: str) -> _Told:
        kinds: list[str] = []
        if self.patterns:
            text = _CONTESTED.sub(r"\1other", text)
        if not self._is_harmless(text):
            text = self._without_homes(text, kinds)
            if "paths" not in self.include:
                text = self._step(kinds, "paths", text, without_rooted_paths(text))
            if "hosts" not in self.include:
                text = self._step(kinds, "hosts", text, self._without_machine(without_hosts_in_name(text)))
                parts = [USER if part and part == self._person else part for part in text.split("/")]
                text = self._step(kinds, "users", text, without_mail("/".join(parts)))
        return self._patterned(text, kinds)

    def _without_homes(self, text: str, kinds: list[str]) -> str:
        """Without home folders and secrets: a blank in a home's name is known before anything in it is masked."""
        text = printable(self._step(kinds, "paths", text, self._relative(text)), newlines=True)
        if "paths" not in self.include:
            text = self._step(kinds, "paths", text, self._homeless(text))
        text = self._step(kinds, "links", text, without_queries(text))
        return self._step(kinds, "secrets", text, self._without_secrets(text))

    def _is_harmless(self, text: str) -> bool:
        """Whether nothing can be in it but what the author's patterns find."""
        return is_formal(text) or (_SIMPLE.fullmatch(text) is not None and not self._concerns(text))

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

    def _homeless(self, text: str) -> str:
        """Without home folders: scrubbing would take them out too, as if they were secrets."""
        return scrub_home(without_homes(text))

    def _without_secrets(self, text: str) -> str:
        if "paths" not in self.include:
            return scrub_text(text)
        kept = _HOME_BEGINNING.sub(rf"\1{_KEEP}\2", text)  # scrubbing would take homes out
        return scrub_text(kept).replace(_KEEP, "") if _KEEP not in text else scrub_text(text)

    def _without_machine(self, text: str) -> str:
        text = without_host_in_run(text)
        return self._machine.sub(HOST, text) if self._machine else text

    def _without_user(self, text: str) -> str:
        return re.sub(rf"(?<![\w-]){re.escape(self._person)}(?![\w-])", USER, text) if self._person else text


def _beside_links(step: Callable[[str], str], text: str) -> str:
    """Takes out of a text, but of no plain link in it."""
    return "".join(one if is_link else step(one) for is_link, one in by_links(text))
