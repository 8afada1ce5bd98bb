"""Makes the sections of an export from versions, manifests and curves: the payloads of the tab, redacted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from tb_versions import payload
from tb_versions._version import __version__
from tb_versions.comparison import Member
from tb_versions.comparison.loading import Source, load_members
from tb_versions.core.manifest import shown, visible
from tb_versions.exports.container import Export, pack, sealed
from tb_versions.exports.contents.comparing import Comparing
from tb_versions.exports.contents.material import Material
from tb_versions.exports.contents.opening import not_held
from tb_versions.exports.contents.run_curves import RunCurves, sampling_in_words
from tb_versions.exports.contents.selection import RUN
from tb_versions.exports.contents.thinning import METHOD
from tb_versions.exports.manifests import written
from tb_versions.exports.redaction.shareable import has_repeated_fields, shareable, shared_digest
from tb_versions.exports.redaction.view import shared_view
from tb_versions.payload import details
from tb_versions.read.catalog import Version

DETAILS_SIZE = 50
"""Versions in one section of details."""

_NAMED = 3
_WORDS = {
    "paths": "Paths and home folders",
    "hosts": "Names and addresses of machines",
    "users": "Names and addresses of people",
    "secrets": "Passwords, tokens, and queries and credentials in addresses",
    "patterns": "What --redact asked for",
    "arguments": "Arguments of commands",
    "remote": "Addresses of repositories",
    "dirty files": "Names of changed files",
    "view": "Parts of the view that the page opens with",
    "code diff": "Uncommitted changes of the code",
    "unknown fields": "Fields that the manifest's format does not have",
    "packages": "Lists of installed packages",
}


@dataclass(frozen=True)
class Limits:
    """What an export leaves out to be smaller.

    Attributes:
        points: Most points of one curve; 0 keeps all; None leaves all curves out.
        packages: Whether lists of installed packages are kept.
    """

    points: int | None = 200
    packages: bool = True


class Snapshot:
    """Makes the sections of an export; a smaller export of the same material shares most of them."""

    def __init__(self, material: Material) -> None:
        """Keeps the material; `export` makes the sections."""
        self._material = material
        self._redactor = material.redactor
        self._kept: dict[bool, tuple[dict[str, bytes], Counter[str]]] = {}
        self._notes: list[str] = []

    def export(self, limits: Limits, left_out: Sequence[str] = ()) -> Export:
        """Returns the export.

        Args:
            limits: What is left out of it.
            left_out: Sentences about that.
        """
        self._redactor.counts.clear()  # each export counts what was redacted in it
        curves = RunCurves(self._material, limits.points)
        with ThreadPoolExecutor(max_workers=1) as packer:  # compressing leaves the other sections their processor
            base = self._base(limits.packages, packer)
            runs = curves.sections(packer)
        facts = {"facts": base["facts"]}
        sections = {**{name: data for name, data in base.items() if name not in facts}, **runs, **facts}
        head = self._head(
            curves, limits, [*self._notes, *self._other_runs(), *self._of_view(), *curves.notes, *left_out]
        )
        return sealed(head, sections)

    def _base(self, packages: bool, packer: Executor) -> dict[str, bytes]:
        if packages not in self._kept:
            self._notes = []
            packed = {name: packer.submit(pack, value) for name, value in self._base_sections(packages)}
            sections = {name: section.result() for name, section in packed.items()}
            self._kept[packages] = sections, Counter(self._redactor.counts)
        sections, counts = self._kept[packages]
        self._redactor.counts = Counter(counts)
        return sections

    def _base_sections(self, packages: bool) -> Iterator[tuple[str, Any]]:
        selection = self._material.selection
        for version in selection.versions:
            if version.listing and version.listing.elsewhere:
                self._redactor.hide_elsewhere(visible(version.listing.elsewhere.path))
        table = self._redactor.tree({**payload.table_payload(selection.catalog), "looked_in": []})
        yield "versions", payload.sealed(_numbered(table))
        history = self._material.history
        if any(history.events.values()):
            yield "history", self._redactor.tree(dict(history.events), "models")
        if history.measured:
            yield "measured", self._redactor.tree(dict(history.measured), "measured")
        self._notes += [self._redactor.text(sentence) for sentence in history.left_out]
        members = self._members()
        comparing = Comparing(self._redactor)
        waiting: list[dict[str, Any]] = []
        for row, version in enumerate(selection.versions):
            waiting.append(self._details(version, next(members), comparing, packages=packages))
            self._material.progress("versions", row + 1, len(selection.versions))
            if len(waiting) == DETAILS_SIZE or row + 1 == len(selection.versions):
                yield f"details/{row // DETAILS_SIZE}", waiting
                waiting = []
        runs = {self._redactor.name(member.id): comparing.facts_of(member) for member in members}
        yield "facts", {"runs": runs, "shared": comparing.shared.payload()}

    def _members(self) -> Iterator[Member]:
        """Yields each version, then each run, as a comparison reads it."""
        material = self._material
        source = Source(material.catalog, material.manifest_bytes, material.curves)
        refs = [version.id for version in material.selection.versions]
        problems: list[str] = []
        yield from load_members(source, [*refs, *(RUN + run for run in material.selection.runs)], problems)
        self._notes += [self._redactor.text(problem) for problem in problems]

    def _details(self, version: Version, member: Member, comparing: Comparing, *, packages: bool) -> dict[str, Any]:
        catalog, manifest_bytes = self._material.selection.catalog, self._material.manifest_bytes
        fields = details(catalog, version, manifest_bytes, keeps_schema=member.manifest is not None)
        text, manifest = fields.pop("manifest_text"), fields.pop("manifest")
        if "paths" not in self._redactor.include:
            fields["folder"] = (version.places[0].relative or None) if version.places else None
            fields["elsewhere"] = fields["elsewhere"] and {**fields["elsewhere"], "bound_to": None}
        whole: dict[str, Any] = self._redactor.tree(fields)
        whole["manifest"], whole["redacted"] = shareable(manifest, self._redactor, packages=packages)
        if manifest is not None and not whole["redacted"] and written(manifest) != text.encode("utf-8", "replace"):
            whole.update(_exact(text))
        whole["manifest_digest"] = shared_digest(whole["manifest_digest"], whole["redacted"])
        is_redacted = manifest is None or bool(whole["redacted"])
        # Last, because it names metrics by their keys alone.
        whole["comparing"] = comparing.facts_of(member, whole["manifest"], is_redacted=is_redacted)
        return whole

    def _other_runs(self) -> list[str]:
        count = self._material.selection.runs_left_out
        return [f"{count:,} runs that made no version; name the ones you want (--run)."] if count else []

    def _of_view(self) -> list[str]:
        names = [shown(self._redactor.name(n)) for n in not_held(self._material.options.view, self._material.selection)]
        rest = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
        return [f"{', '.join(names[:_NAMED])}{rest}, which the view names that the page opens with."] if names else []

    def _head(self, curves: RunCurves, limits: Limits, left_out: list[str]) -> dict[str, Any]:
        selection, options = self._material.selection, self._material.options
        created = [v.listing.created_ms for v in selection.versions if v.listing and v.listing.created_ms is not None]
        return {
            "generator": f"tb_versions {__version__}",
            "title": self._redactor.words(options.title)
            or title_of(sorted(map(self._redactor.name, selection.catalog.by_model))),
            "introduction": self._redactor.words(options.introduction),
            "view": shared_view(options.view, self._redactor),
            "tensorboard_url": options.tensorboard_url,
            "included": sorted(self._redactor.include),
            "newest": max(created, default=None),
            "versions": len(selection.versions),
            "details_size": DETAILS_SIZE,
            "runs": curves.runs,
            "sampling": {"method": METHOD, "points": limits.points or 0, "words": sampling_in_words(limits.points)},
            "left_out": left_out,
            "redacted": redacted_in_words(self._redactor.counts),
        }


def _numbered(table: dict[str, Any]) -> dict[str, Any]:
    """The table with small numbers for equal recipes: a guess at what was taken out could be checked with a digest."""
    for name in ("recipe", "seeds"):
        numbers: dict[int, int] = {-1: -1}
        for columns in (part["columns"] for block in table["blocks"] for part in block["parts"]):
            if name in columns:
                columns[name] = [numbers.setdefault(number, len(numbers) - 1) for number in columns[name]]
    return table


def _exact(text: str) -> dict[str, Any]:
    """Returns the manifest's text, which its JSON does not give back byte for byte."""
    return {"redacted": ["repeated fields"]} if has_repeated_fields(text) else {"manifest_text": text}


def title_of(models: Sequence[str]) -> str:
    """Returns the title of an export for which the author gave none."""
    if not models:
        return "Runs"
    return f"Versions of {', '.join(models)}" if len(models) <= _NAMED else f"Versions of {len(models):,} models"


def redacted_in_words(counts: Mapping[str, int]) -> list[str]:
    """Returns sentences about what was redacted, the most frequent first."""
    ordered = sorted((item for item in counts.items() if item[1]), key=lambda item: (-item[1], item[0]))
    return [f"{_WORDS.get(kind, kind)}: {times(count)}." for kind, count in ordered]


def times(count: int) -> str:
    """Returns "once" or "12 times"."""
    return "once" if count == 1 else f"{count:,} times"
